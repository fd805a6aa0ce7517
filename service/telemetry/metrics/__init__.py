"""What is counted and timed of all calls: docs/metrics.md has the table for people, `table.py` the one for the code.

facts, calls ──▶ attempts.py, calls.py ──┐
the loop     ──▶ pulse.py ───────────────┼──▶ instruments ──┬──▶ exposition.py ──▶ /metrics
store, budgets ──▶ readings.py ──────────┘                  └──▶ otlp.py ──▶ push.py ──▶ collector
"""
