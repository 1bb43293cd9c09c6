using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cencori.Edge.Agents.Shadow;

/// <summary>Parses JSON of responses from which tool calls are removed, and checks size limits.</summary>
internal static class ShadowJson
{
    /// <summary>Maximum size of an event or a document, in bytes.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>Maximum length of a call's arguments, in characters. A person must be able to read all of them before approval.</summary>
    public const int LongestArguments = 256 * 1024;

    private const int MaxCalls = 128;
    private const int LongestName = 256;
    private const int LongestOfAll = 1024 * 1024;

    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Text(JsonObject json) => json.ToJsonString(Options);

    public static byte[] Bytes(JsonNode json) => System.Text.Encoding.UTF8.GetBytes(json.ToJsonString(Options));

    /// <exception cref="ShadowException">The JSON cannot be read, so its calls are unknown.</exception>
    public static JsonObject? Parse(ReadOnlySpan<byte> json)
    {
        JsonNode? node;
        try
        {
            node = JsonNode.Parse(json, documentOptions: new() { MaxDepth = 512, AllowDuplicateProperties = false });
        }
        catch (JsonException exception)
        {
            throw new ShadowException("The response is not valid JSON.", exception);
        }

        return node as JsonObject;
    }

    /// <exception cref="ShadowException">There are too many calls.</exception>
    public static void CheckCount(int calls)
    {
        if (calls > MaxCalls)
        {
            throw new ShadowException($"The response has more than {MaxCalls} tool calls.");
        }
    }

    /// <exception cref="ShadowException">The name or the id of a tool call is too long.</exception>
    public static void CheckName(string? name)
    {
        if (name?.Length > LongestName)
        {
            throw new ShadowException($"The name or the id of a tool call has more than {LongestName} characters.");
        }
    }

    /// <summary>Checks the total length of the arguments, over all calls of a response.</summary>
    /// <exception cref="ShadowException">The arguments are too long.</exception>
    public static void CheckAll(int arguments)
    {
        if (arguments > LongestOfAll)
        {
            throw new ShadowException($"The tool calls of the response have more than {LongestOfAll} characters of arguments.");
        }
    }

    /// <summary>Checks the number and size of the calls that are still incomplete.</summary>
    /// <exception cref="ShadowException">There are too many calls, or they are too large.</exception>
    public static void CheckHeld(bool areTooMany, long bytes)
    {
        // The factor 2: the bytes contain escapes, and members beside the arguments.
        if (areTooMany || bytes > 2 * LongestOfAll)
        {
            throw new ShadowException($"The response has more than {MaxCalls} tool calls, or they are too large.");
        }
    }

    /// <exception cref="ShadowException">The arguments are too long.</exception>
    public static void CheckLength(int arguments)
    {
        if (arguments > LongestArguments)
        {
            throw new ShadowException($"The arguments of a tool call have more than {LongestArguments} characters.");
        }
    }
}

/// <summary>Thrown if a response cannot be checked for tool calls. The caller does not receive such a response.</summary>
internal sealed class ShadowException(string message, Exception? inner = null) : IOException(message, inner);
