using System.Text.Json;

namespace Cencori.Edge.Providers.Sandbox.Generation;

/// <summary>Writes the objects of the responses API: the response and its single output item.</summary>
internal sealed class ResponseShapes(SandboxModel model, ModelOutput output, long created)
{
    private readonly string _id = $"resp_{Guid.NewGuid():N}";
    private readonly string _callId = $"call_{Guid.NewGuid():N}";

    public string ItemId { get; } = $"{(output.Call is null ? "msg" : output.Call.IsCustom ? "ctc" : "fc")}_{Guid.NewGuid():N}";

    public required int InputTokens { get; init; }

    public required string? Instructions { get; init; }

    public required int? MaxOutputTokens { get; init; }

    /// <summary>The caller's tools as JSON on one line: a line break would end the event early.</summary>
    public required byte[] Tools { get; init; }

    /// <summary>True: leaves out members that the sandbox always leaves empty or 0, such as <c>logprobs</c>. Default false.</summary>
    public bool OmitsEmptyMembers { get; init; }

    public string FinalStatus => output.IsTruncated ? "incomplete" : "completed";

    public void WriteStarted(Utf8JsonWriter json) => Write(json, "in_progress", isFinished: false);

    public void WriteFinished(Utf8JsonWriter json) => Write(json, FinalStatus, isFinished: true);

    public void WriteItem(Utf8JsonWriter json, string status, bool isFinished)
    {
        json.WriteStartObject();
        json.WriteString("id", ItemId);
        json.WriteString("type", output.Call is null ? "message" : output.Call.IsCustom ? "custom_tool_call" : "function_call");
        json.WriteString("status", status);
        if (output.Call is { } call)
        {
            json.WriteString(call.ArgumentsName, isFinished ? call.Arguments : "");
            json.WriteString("call_id", _callId);
            json.WriteString("name", call.Name);
        }
        else
        {
            json.WriteString("role", "assistant");
            json.WriteStartArray("content");
            if (isFinished)
            {
                WritePart(json, output.Text, OmitsEmptyMembers);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    public static void WritePart(Utf8JsonWriter json, string text, bool omitsEmptyMembers = false)
    {
        json.WriteStartObject();
        json.WriteString("type", "output_text");
        json.WriteString("text", text);
        json.WriteStartArray("annotations");
        json.WriteEndArray();
        if (!omitsEmptyMembers)
        {
            json.WriteStartArray("logprobs");
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private void Write(Utf8JsonWriter json, string status, bool isFinished)
    {
        json.WriteStartObject();
        json.WriteString("id", _id);
        json.WriteString("object", "response");
        json.WriteNumber("created_at", created);
        json.WriteString("status", status);
        json.WriteNull("error");
        WriteIncompleteDetails(json, isFinished && output.IsTruncated);
        json.WriteString("instructions", Instructions);
        if (MaxOutputTokens is { } max)
        {
            json.WriteNumber("max_output_tokens", max);
        }
        else
        {
            json.WriteNull("max_output_tokens");
        }

        json.WriteString("model", model.Name);
        json.WriteStartArray("output");
        if (isFinished)
        {
            WriteItem(json, FinalStatus, isFinished: true);
        }

        json.WriteEndArray();
        json.WriteBoolean("parallel_tool_calls", true);
        json.WriteNull("previous_response_id");
        json.WriteBoolean("store", false);
        json.WriteNumber("temperature", 1);
        json.WriteString("tool_choice", "auto");
        json.WritePropertyName("tools");
        json.WriteRawValue(Tools);
        json.WriteNumber("top_p", 1);
        json.WriteString("truncation", "disabled");
        WriteUsage(json, isFinished);
        json.WriteStartObject("metadata");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteIncompleteDetails(Utf8JsonWriter json, bool isTruncated)
    {
        if (!isTruncated)
        {
            json.WriteNull("incomplete_details");
            return;
        }

        json.WriteStartObject("incomplete_details");
        json.WriteString("reason", "max_output_tokens");
        json.WriteEndObject();
    }

    private void WriteUsage(Utf8JsonWriter json, bool isFinished)
    {
        if (!isFinished)
        {
            json.WriteNull("usage");
            return;
        }

        json.WriteStartObject("usage");
        json.WriteNumber("input_tokens", InputTokens);
        WriteDetails(json, "input_tokens_details", "cached_tokens");
        json.WriteNumber("output_tokens", output.TokenCount);
        WriteDetails(json, "output_tokens_details", "reasoning_tokens");
        json.WriteNumber("total_tokens", InputTokens + output.TokenCount);
        json.WriteEndObject();
    }

    private void WriteDetails(Utf8JsonWriter json, string name, string none)
    {
        if (!OmitsEmptyMembers)
        {
            json.WriteStartObject(name);
            json.WriteNumber(none, 0);
            json.WriteEndObject();
        }
    }
}
