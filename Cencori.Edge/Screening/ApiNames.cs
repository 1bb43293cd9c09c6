namespace Cencori.Edge.Screening;

/// <summary>Member names and values that the APIs themselves define. They are never user text, and a mask in their place would break the request.</summary>
internal static class ApiNames
{
    private const int LongestValue = 48;

    private static readonly WordSet All = new(
    [
        "role", "content", "type", "text", "model", "messages", "input", "prompt", "instructions", "system", "stream", "stream_options", "include_usage", "temperature", "top_p", "top_k", "n", "stop",
        "max_tokens", "max_completion_tokens", "max_output_tokens", "frequency_penalty", "presence_penalty", "logit_bias", "logprobs", "top_logprobs", "seed", "user", "metadata", "store", "tools", "tool",
        "tool_choice", "tool_calls", "tool_call_id", "function", "function_call", "function_call_output", "functions", "name", "description", "parameters", "arguments", "strict", "response_format", "json_schema", "json_object",
        "schema", "format", "id", "index", "image_url", "input_text", "input_image", "input_file", "output_text", "input_audio", "image", "file", "url", "detail", "data", "source", "media_type", "base64",
        "message", "item_reference", "call_id", "output", "summary", "reasoning", "reasoning_effort", "effort", "service_tier", "previous_response_id", "conversation", "background", "truncation", "parallel_tool_calls",
        "encoding_format", "dimensions", "size", "quality", "voice", "modalities", "audio", "prediction", "refusal", "assistant", "developer", "thinking", "budget_tokens", "tool_use", "tool_result",
        "tool_use_id", "input_schema", "cache_control", "ephemeral", "object", "string", "number", "integer", "boolean", "array", "null", "properties", "required", "enum", "items", "auto", "none", "any",
        "choices", "delta", "finish_reason", "usage", "created", "annotations", "prompt_tokens", "completion_tokens", "total_tokens", "safety_identifier", "prompt_cache_key", "verbosity",
        "stop_sequences", "stop_sequence", "stop_reason", "system_fingerprint", "prompt_tokens_details", "completion_tokens_details", "cached_tokens", "reasoning_tokens", "audio_tokens",
        "accepted_prediction_tokens", "rejected_prediction_tokens", "input_tokens", "output_tokens", "input_tokens_details", "output_tokens_details", "cache_creation_input_tokens", "cache_read_input_tokens",
        "content_block", "item", "item_id", "output_index", "content_index", "summary_index", "sequence_number", "response", "part", "obfuscation", "logprob", "bytes", "reasoning_content", "encrypted_content",
        "status", "incomplete_details", "error", "code", "param", "reason", "include", "output_format", "timestamp_granularities", "language", "web_search_options", "partial_json", "signature", "b64_json", "file_id",
    ]);

    // Members whose values come from lists of the API.
    private static readonly WordSet Choices = new(
    [
        "type", "role", "object", "status", "finish_reason", "stop_reason", "tool_choice", "reasoning_effort", "effort", "service_tier", "truncation", "response_format", "encoding_format", "format", "output_format",
        "detail", "quality", "style", "size", "voice", "modalities", "include", "summary", "verbosity", "media_type", "background", "moderation", "input_fidelity", "timestamp_granularities", "reason", "code",
        "function_call", "mode", "purpose", "language",
    ]);

    // API values in addition to the member names.
    private static readonly WordSet Values = new(
    [
        "length", "content_filter", "end_turn", "pause_turn", "max_output_tokens", "minimal", "low", "medium", "high", "xhigh", "max", "completed", "in_progress", "incomplete", "failed", "queued", "cancelled", "searching",
        "default", "flex", "priority", "scale", "standard", "disabled", "enabled", "concise", "detailed", "json", "verbose_json", "srt", "vtt", "float", "mp3", "opus", "aac", "flac", "wav", "pcm", "pcm16",
        "png", "jpeg", "webp", "hd", "vivid", "natural", "transparent", "opaque", "word", "segment", "chat.completion", "chat.completion.chunk", "text_completion", "embedding", "list", "assistants", "batch",
        "fine-tune", "user_data", "vision", "evals", "image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain", "message_start", "message_delta", "message_stop", "content_block_start",
        "content_block_delta", "content_block_stop", "text_delta", "input_json_delta", "thinking_delta", "signature_delta", "ping", "web_search", "file_search", "code_interpreter", "computer_use", "mcp",
        "message", "custom", "grammar", "regex", "allowed_tools", "1024x1024", "1536x1024", "1024x1536", "1024x1792", "1792x1024", "512x512", "256x256",
    ]);

    // The parts of event types such as response.output_text.delta.
    private static readonly WordSet TypeParts = new(
    [
        "response", "created", "queued", "in", "progress", "completed", "failed", "incomplete", "output", "item", "added", "done", "content", "part", "text", "delta", "refusal", "annotation", "reasoning", "summary",
        "function", "call", "arguments", "file", "search", "searching", "web", "code", "interpreter", "interpreting", "image", "generation", "generating", "partial", "mcp", "list", "tools", "audio", "transcript",
        "custom", "tool", "input", "thread", "run", "step", "message", "requires", "action", "expired", "cancelling", "cancelled",
    ]);

    /// <summary>True when the API defines a member of this name.</summary>
    public static bool Has(ReadOnlySpan<byte> name) => All.Has(name);

    /// <summary>True when the API itself defines this value for the member.</summary>
    public static bool IsWord(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        value.Length <= LongestValue && Choices.Has(name) && (All.Has(value) || Values.Has(value) || IsType(value));

    private static bool IsType(ReadOnlySpan<byte> value)
    {
        foreach (var part in value.SplitAny((byte)'.', (byte)'_'))
        {
            if (!TypeParts.Has(value[part]))
            {
                return false;
            }
        }

        return value.Contains((byte)'.');
    }
}
