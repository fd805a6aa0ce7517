"""What tests are made of: virtual time, a scripted provider, and guards that fail a test which leaves something open."""
