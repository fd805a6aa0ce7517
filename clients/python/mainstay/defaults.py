"""What a call gets that asks for nothing else. Times in seconds."""

TARGET = "127.0.0.1:50051"
MODEL = "default"
CHAT_TIMEOUT = 120.0
STREAM_TIMEOUT = 600.0
COUNT_TIMEOUT = 10.0
LIST_TIMEOUT = 10.0
