"""What tests are made of: virtual time, a scripted provider, and guards against what a test may leave open."""
