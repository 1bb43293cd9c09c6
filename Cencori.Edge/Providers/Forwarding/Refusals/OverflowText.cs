using System.Collections.Frozen;

namespace Cencori.Edge.Providers.Forwarding.Refusals;

/// <summary>
/// The codes and sentences by which providers and self-hosted servers say that a request is longer than the model's context window. Each text
/// is checked for every provider (the comments name who sends it): the worst effect of a wrong match is a request to a larger model, if the route allows that.
/// </summary>
internal static class OverflowText
{
    // In this order: three codes of OpenAI and compatible providers, and one each of llama.cpp, GitHub Models and GitHub Copilot.
    private static readonly FrozenSet<string> Codes = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "context_length_exceeded", "context_window_exceeded", "model_context_window_exceeded", "exceed_context_size_error", "tokens_limit_reached", "model_max_prompt_tokens_exceeded");

    private static readonly string[] Sentences =
    [
        // OpenAI, DeepSeek, OpenRouter, Mistral, vLLM, SGLang.
        "maximum context length",

        // OpenAI's Responses API.
        "exceeds the context window",

        // MiniMax.
        "context window exceeds limit",

        // SGLang, Together.
        "longer than the model's context length",

        // Anthropic, Fireworks.
        "prompt is too long",

        // Ollama.
        "prompt too long",

        // Anthropic.
        "exceed context limit",

        // Bedrock.
        "input is too long for",

        // Google.
        "exceeds the maximum number of tokens allowed",

        // xAI.
        "maximum prompt length is",

        // Groq.
        "reduce the length of the messages",

        // vLLM.
        "longer than the maximum model length",

        // llama.cpp.
        "available context size",

        // LM Studio.
        "greater than the context length",

        // Moonshot.
        "exceeded model token limit",

        // Alibaba.
        "range of input length should be",

        // Zhipu.
        "prompt exceeds max length",

        // Cohere.
        "number of tokens in the prompt cannot exceed",

        // Hugging Face TGI.
        "`inputs` tokens + `max_new_tokens` must be <=",
        "`inputs` must have less than",
    ];

    public static bool IsOverflow(in RefusalText text) =>
        (text.Code is { } code && Codes.Contains(code)) || (text.Type is { } type && Codes.Contains(type))
        || (text.Message is { } message && Array.Exists(Sentences, sentence => message.Contains(sentence, StringComparison.OrdinalIgnoreCase)));
}
