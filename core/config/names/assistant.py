"""The assistant: language models, tools and speech."""

from core.config.setting import setting


class AssistantNames:
    """The assistant: language models, tools and speech."""

    AI_AGENT_ENABLE: bool = setting(False, "Offer the assistant")
    AI_AGENT_GLOBAL: bool = setting(False, "Let the assistant answer every message")
    AI_AGENT_HIDE_ENTRY: bool = setting(False, "Hide the assistant's button")
    AI_AGENT_JOB_INTERVAL: int = setting(
        0, "Hours between the assistant's own rounds; 0 for none"
    )
    AI_AGENT_RETRY_TRANSFER: bool = setting(
        False, "Let the assistant try failed transfers again"
    )
    AI_AGENT_VERBOSE: bool = setting(False, "Show what the assistant does meanwhile")
    AI_RECOMMEND_ENABLED: bool = setting(
        False, "Let the model choose among search results"
    )
    AI_RECOMMEND_MAX_ITEMS: int = setting(
        50, "Search results handed to the model at most"
    )
    AI_RECOMMEND_USER_PREFERENCE: str = setting(
        "", "What the user prefers, in words for the model"
    )
    LLM_PROVIDER: str = setting("deepseek", "Service that runs the model")
    LLM_MODEL: str = setting("deepseek-chat", "Name of the model")
    LLM_API_KEY: str | None = setting(None, "Key of that service")
    LLM_BASE_URL: str | None = setting(
        "https://api.deepseek.com", "Address of that service"
    )
    LLM_BASE_URL_PRESET: str | None = setting(
        None, "Which of the service's known addresses is used"
    )
    LLM_USER_AGENT: str | None = setting(None, "Name under which MoviePilot asks it")
    LLM_USE_PROXY: bool = setting(True, "Reach it through the proxy")
    LLM_TEMPERATURE: float = setting(0.3, "How freely the model answers, from 0")
    LLM_THINKING_LEVEL: str | None = setting(
        "off", "How much the model thinks before it answers"
    )
    LLM_MAX_CONTEXT_TOKENS: int = setting(
        128, "Thousands of tokens that the model reads at most"
    )
    LLM_MAX_ITERATIONS: int = setting(512, "Steps of one answer at most")
    LLM_MAX_MEMORY_MESSAGES: int = setting(
        30, "Messages of a conversation the model is reminded of"
    )
    LLM_MAX_TOOLS: int = setting(0, "Tools offered to the model at once; 0 for all")
    LLM_MEMORY_RETENTION_DAYS: int = setting(1, "Days to keep conversations in memory")
    LLM_REDIS_MEMORY_RETENTION_DAYS: int = setting(
        7, "Days to keep conversations in Redis"
    )
    LLM_SUPPORT_AUDIO_INPUT: bool = setting(False, "The assistant understands speech")
    LLM_SUPPORT_AUDIO_OUTPUT: bool = setting(False, "The assistant answers with speech")
    LLM_SUPPORT_IMAGE_INPUT: bool = setting(True, "The model understands pictures")
    LLM_TOOL_TIMEOUT: int = setting(300, "Seconds that a tool may take")
    LLM_VERBOSE: bool = setting(False, "Log what is said to the model")
    AUDIO_INPUT_PROVIDER: str = setting("openai", "Service that understands speech")
    AUDIO_INPUT_MODEL: str = setting(
        "gpt-4o-mini-transcribe", "Model that understands speech"
    )
    AUDIO_INPUT_API_KEY: str | None = setting(None, "Key of that service")
    AUDIO_INPUT_BASE_URL: str | None = setting(None, "Address of that service")
    AUDIO_INPUT_LANGUAGE: str = setting("zh", "Language that is spoken")
    AUDIO_OUTPUT_PROVIDER: str = setting("openai", "Service that speaks")
    AUDIO_OUTPUT_MODEL: str = setting("gpt-4o-mini-tts", "Model that speaks")
    AUDIO_OUTPUT_API_KEY: str | None = setting(None, "Key of that service")
    AUDIO_OUTPUT_BASE_URL: str | None = setting(None, "Address of that service")
    AUDIO_OUTPUT_VOICE: str = setting("alloy", "Voice that speaks")
    AUDIO_OUTPUT_INCLUDE_TEXT: bool = setting(False, "Send the text beside the speech")
    TAVILY_API_KEY: str | None = setting(
        None, "Key of Tavily's web search; MoviePilot had one built in"
    )
    SKILL_MARKET: str = setting(
        "https://clawhub.ai,https://github.com/openai/skills,"
        "https://github.com/anthropics/skills,"
        "https://github.com/vercel-labs/agent-skills",
        "Addresses that the assistant's skills come from, with commas",
    )
