"""What the simulator says, in English and in Chinese."""

# Chinese punctuation is full-width; it is meant.

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrases:
    """The sentences of one language; those with braces are formats."""

    simulated: str
    asked: str
    quoted: str
    closing: str
    filler: str
    topics: tuple[tuple[str, str], ...]


ENGLISH = Phrases(
    simulated="This answer is simulated: no language model was asked.",
    asked=" You asked: “{}”.",
    quoted=" The tool {} returned: {}.",
    closing=" Configure a provider's key to get a real one.",
    filler=" This is sentence {} of a longer simulated answer.",
    topics=(
        (
            "machine learning",
            " Machine learning lets programs find rules in data instead of being given them.",
        ),
        (
            "circuit breaker",
            " A circuit breaker stops asking a service that keeps failing, and probes it later.",
        ),
        ("grpc", " gRPC carries typed remote calls and streams over HTTP/2."),
    ),
)

CHINESE = Phrases(
    simulated="这是模拟的回答，没有询问任何语言模型。",
    asked="你的问题是：“{}”。",
    quoted="工具 {} 返回了：{}。",
    closing="配置服务商的密钥之后，就能得到真实的回答。",
    filler="这是较长的模拟回答的第 {} 句。",
    topics=(
        ("机器学习", "机器学习让程序从数据中归纳规律，而不是由人逐条写出规则。"),
        ("熔断", "熔断器会暂停访问持续出错的服务，过一段时间再试探它。"),
        ("grpc", "gRPC 在 HTTP/2 上传送带类型的远程调用和数据流。"),
    ),
)
