using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Cencori.Edge.Admin;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Dashboard.Playground;

/// <summary>Writes the body of the chat completion request from the playground's input, as any client would send it.</summary>
internal static class PlaygroundBody
{
    /// <param name="input">The form's input.</param>
    /// <param name="tokensName">The name of the member that limits output tokens, which differs between providers.</param>
    /// <param name="isStream">True: asks for the response as a stream.</param>
    /// <exception cref="RefusedException">A field is invalid; <c>Param</c> names it.</exception>
    public static byte[] Write(PlaygroundInput input, string tokensName, bool isStream)
    {
        if (input.Model.Length == 0)
        {
            throw Wrong("Choose a model.", "model");
        }

        var turns = input.Turns.Where(turn => turn.IsSent).ToList();
        if (turns.Count == 0)
        {
            throw Wrong("Write a message.", "content");
        }

        var bytes = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(bytes);
        json.WriteStartObject();
        json.WriteString("model", input.Model);
        if (isStream)
        {
            json.WriteBoolean("stream", true);
        }

        if (input.Temperature.Length > 0)
        {
            json.WriteNumber("temperature", decimal.TryParse(input.Temperature, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var temperature) && temperature <= 2
                ? temperature : throw Wrong("The temperature must be a number from 0 to 2, such as 0.7.", "temperature"));
        }

        if (input.MaxTokens.Length > 0)
        {
            json.WriteNumber(tokensName, int.TryParse(input.MaxTokens, NumberStyles.None, CultureInfo.InvariantCulture, out var max) && max > 0
                ? max : throw Wrong("The token limit must be a whole number from 1.", "max_tokens"));
        }

        WriteTools(json, input.Tools);
        json.WriteStartArray("messages");
        if (!string.IsNullOrWhiteSpace(input.System))
        {
            json.WriteStartObject();
            json.WriteString("role", "system");
            json.WriteString("content", input.System);
            json.WriteEndObject();
        }

        foreach (var turn in turns)
        {
            WriteTurn(json, turn);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return bytes.WrittenSpan.ToArray();
    }

    private static void WriteTools(Utf8JsonWriter json, string tools)
    {
        if (string.IsNullOrWhiteSpace(tools))
        {
            return;
        }

        try
        {
            using var document = JsonDocument.Parse(tools);
            if (document.RootElement.ValueKind != JsonValueKind.Array)
            {
                throw Wrong("Tools must be a JSON list: [ … ].", "tools");
            }

            json.WritePropertyName("tools");
            document.RootElement.WriteTo(json);
        }
        catch (InvalidOperationException)
        {
            throw Wrong("Remove escapes of half a character, such as \\ud800, from the tools.", "tools");
        }
        catch (JsonException exception)
        {
            throw Wrong($"Tools must be valid JSON. Error in line {exception.LineNumber + 1}, column {exception.BytePositionInLine + 1}.", "tools");
        }
    }

    private static void WriteTurn(Utf8JsonWriter json, Turn turn)
    {
        json.WriteStartObject();
        json.WriteString("role", turn.Role);
        if (turn.CallId is { } id)
        {
            json.WriteString("tool_call_id", id);
        }

        if (turn.Images.Count == 0)
        {
            json.WriteString("content", turn.Content);
        }
        else
        {
            json.WriteStartArray("content");
            if (turn.Content.Length > 0)
            {
                json.WriteStartObject();
                json.WriteString("type", "text");
                json.WriteString("text", turn.Content);
                json.WriteEndObject();
            }

            foreach (var image in turn.Images)
            {
                json.WriteStartObject();
                json.WriteString("type", "image_url");
                json.WriteStartObject("image_url");
                json.WriteString("url", image);
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        if (turn.Calls is { } calls)
        {
            json.WritePropertyName("tool_calls");
            try
            {
                json.WriteRawValue(calls);
            }
            catch (JsonException)
            {
                throw Wrong("The tool calls of a message must be valid JSON.", "content");
            }
        }

        json.WriteEndObject();
    }

    private static RefusedException Wrong(string message, string field) => new(EdgeError.Invalid(message, field));
}
