"""Canaries: texts that must not turn up where they do not belong."""

KEY = "Canary7Key7Ruby7Opal"
"""Of the provider. Looks like no vendor's, so that no pattern helps."""
HEADER = "Canary7Header7Jade7Onyx"
"""In a header of the provider's that carries a credential."""
PARTS = (KEY[:12], HEADER[:13])
"""Beginnings of both, as vendors quote them: enough to be worth hiding."""
PROMPT = "canary-prompt-amber"
SYSTEM = "canary-system-beryl"
ATTACHMENT = "canary-attachment-coral"
LABEL = "canary-label-flint"
USER = "canary-user-garnet"
AUTHORIZATION = "canary-authorization-ivory"
"""What a caller sends along, as if we asked for it."""

OF_THE_CALLER = (PROMPT, SYSTEM, ATTACHMENT, LABEL, USER, AUTHORIZATION)
NEVER_SAID_BACK = (LABEL, USER, AUTHORIZATION)
"""What of that not even an error of the provider's may bring back to the caller."""
SAID_TO_THE_PROVIDER = (PROMPT, SYSTEM, ATTACHMENT)
METADATA = (("authorization", f"Bearer {AUTHORIZATION}"), ("cookie", AUTHORIZATION), ("x-api-key", AUTHORIZATION))
