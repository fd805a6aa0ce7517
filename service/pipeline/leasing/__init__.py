"""Permits for requests: who may send one now, and who waits.

Lease, Hedge ──▶ Leases ──▶ Desk (one per target) ──▶ Line ──▶ Lanes (policies: one lane for each key)
                               │
                               └──▶ Permit, which travels in the Call and comes back once
"""
