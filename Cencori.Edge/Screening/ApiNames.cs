using System.Collections.Frozen;

namespace Cencori.Edge.Screening;

/// <summary>Names of members and kinds that APIs have themselves: they are no words of anybody, and would be no request any more with a mask in their place.</summary>
internal static class ApiNames
{
    private const int Longest = 32;

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> All = FrozenSet.ToFrozenSet(
    [
        "role", "content", "type", "text", "model", "messages", "input", "prompt", "instructions", "system", "stream", "stream_options", "include_usage", "temperature", "top_p", "top_k", "n", "stop",
        "max_tokens", "max_completion_tokens", "max_output_tokens", "frequency_penalty", "presence_penalty", "logit_bias", "logprobs", "top_logprobs", "seed", "user", "metadata", "store", "tools", "tool",
        "tool_choice", "tool_calls", "tool_call_id", "function", "function_call", "function_call_output", "functions", "name", "description", "parameters", "arguments", "strict", "response_format", "json_schema", "json_object",
        "schema", "format", "id", "index", "image_url", "input_text", "input_image", "input_file", "output_text", "input_audio", "image", "file", "url", "detail", "data", "source", "media_type", "base64",
        "message", "item_reference", "call_id", "output", "summary", "reasoning", "reasoning_effort", "effort", "service_tier", "previous_response_id", "conversation", "background", "truncation", "parallel_tool_calls",
        "encoding_format", "dimensions", "size", "quality", "voice", "modalities", "audio", "prediction", "refusal", "assistant", "developer", "thinking", "budget_tokens", "tool_use", "tool_result",
        "tool_use_id", "input_schema", "cache_control", "ephemeral", "object", "string", "number", "integer", "boolean", "array", "null", "properties", "required", "enum", "items", "auto", "none", "any",
        "choices", "message", "delta", "finish_reason", "usage", "created", "object", "annotations", "prompt_tokens", "completion_tokens", "total_tokens", "safety_identifier", "prompt_cache_key", "verbosity",
    ], StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    public static bool Has(ReadOnlySpan<byte> name)
    {
        Span<char> characters = stackalloc char[Longest];
        if (name.Length > Longest)
        {
            return false;
        }

        for (var i = 0; i < name.Length; i++)
        {
            characters[i] = (char)name[i];
        }

        return All.Contains(characters[..name.Length]);
    }
}
