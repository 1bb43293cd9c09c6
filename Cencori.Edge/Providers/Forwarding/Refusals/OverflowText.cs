using System.Collections.Frozen;

namespace Cencori.Edge.Providers.Forwarding.Refusals;

/// <summary>
/// The codes and sentences by which providers and self-hosted servers say that a request is longer than the model's context window. Each text
/// is checked for every provider: the worst effect of a wrong match is a request to a larger model, if the route allows that.
/// </summary>
internal static class OverflowText
{
    // Codes of OpenAI and compatible providers, of llama.cpp, and of GitHub Models and GitHub Copilot.
    private static readonly FrozenSet<string> Codes = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "context_length_exceeded", "context_window_exceeded", "model_context_window_exceeded", "exceed_context_size_error", "tokens_limit_reached", "model_max_prompt_tokens_exceeded");

    private static readonly string[] Sentences =
    [
        // Sent by OpenAI, DeepSeek, OpenRouter, Mistral, vLLM, SGLang.
        "maximum context length",

        // Sent by OpenAI's Responses API, MiniMax.
        "exceeds the context window",
        "context window exceeds limit",

        // SGLang, Together.
        "longer than the model's context length",

        // Sent by Anthropic, Fireworks, Ollama, Bedrock.
        "prompt is too long",
        "prompt too long",
        "exceed context limit",
        "input is too long for",

        // Google.
        "exceeds the maximum number of tokens allowed",

        // xAI.
        "maximum prompt length is",

        // Groq.
        "reduce the length of the messages",

        // vLLM.
        "longer than the maximum model length",

        // llama.cpp, LM Studio.
        "available context size",
        "greater than the context length",

        // Sent by Moonshot, Alibaba, Zhipu, Cohere.
        "exceeded model token limit",
        "range of input length should be",
        "prompt exceeds max length",
        "number of tokens in the prompt cannot exceed",

        // TGI.
        "`inputs` tokens + `max_new_tokens` must be <=",
        "`inputs` must have less than",
    ];

    public static bool IsOverflow(in RefusalText text) =>
        (text.Code is { } code && Codes.Contains(code)) || (text.Type is { } type && Codes.Contains(type))
        || (text.Message is { } message && Array.Exists(Sentences, sentence => message.Contains(sentence, StringComparison.OrdinalIgnoreCase)));
}
