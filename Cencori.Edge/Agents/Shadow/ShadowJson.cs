using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cencori.Edge.Agents.Shadow;

/// <summary>What is read and written of responses whose calls are held, and how much of it.</summary>
internal static class ShadowJson
{
    /// <summary>An event, or a document, in bytes.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>Whoever approves has to see all of it.</summary>
    public const int LongestArguments = 256 * 1024;

    private const int MaxCalls = 128;
    private const int LongestName = 256;
    private const int LongestOfAll = 1024 * 1024;

    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Text(JsonObject json) => json.ToJsonString(Options);

    public static byte[] Bytes(JsonNode json) => System.Text.Encoding.UTF8.GetBytes(json.ToJsonString(Options));

    /// <exception cref="ShadowException">Nobody can say what it asks for.</exception>
    public static JsonObject? Parse(ReadOnlySpan<byte> json)
    {
        JsonNode? node;
        try
        {
            node = JsonNode.Parse(json, documentOptions: new() { MaxDepth = 512, AllowDuplicateProperties = false });
        }
        catch (JsonException exception)
        {
            throw new ShadowException("It is no JSON that can be read.", exception);
        }

        return node as JsonObject;
    }

    /// <exception cref="ShadowException">There are too many.</exception>
    public static void CheckCount(int calls)
    {
        if (calls > MaxCalls)
        {
            throw new ShadowException($"It has more than {MaxCalls} tool calls.");
        }
    }

    /// <exception cref="ShadowException">It is too long.</exception>
    public static void CheckName(string? name)
    {
        if (name?.Length > LongestName)
        {
            throw new ShadowException($"The name or the id of a tool call has more than {LongestName} characters.");
        }
    }

    /// <summary>Of all calls of a response.</summary>
    /// <exception cref="ShadowException">They are too long.</exception>
    public static void CheckAll(int arguments)
    {
        if (arguments > LongestOfAll)
        {
            throw new ShadowException($"Its tool calls have more than {LongestOfAll} characters of arguments.");
        }
    }

    /// <summary>Of calls that are not whole yet.</summary>
    /// <exception cref="ShadowException">They take too much.</exception>
    public static void CheckHeld(bool areTooMany, long bytes)
    {
        // Escaped, and with what stands beside them.
        if (areTooMany || bytes > 2 * LongestOfAll)
        {
            throw new ShadowException($"It has more than {MaxCalls} tool calls, or they are too large.");
        }
    }

    /// <exception cref="ShadowException">They are too long.</exception>
    public static void CheckLength(int arguments)
    {
        if (arguments > LongestArguments)
        {
            throw new ShadowException($"The arguments of a tool call have more than {LongestArguments} characters.");
        }
    }
}

/// <summary>A response that cannot be held to shadow mode, and so does not pass.</summary>
internal sealed class ShadowException(string message, Exception? inner = null) : IOException(message, inner);
