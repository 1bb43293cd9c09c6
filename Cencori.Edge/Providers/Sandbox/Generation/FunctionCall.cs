using System.Text.Json;
using Cencori.Edge.Metering;

namespace Cencori.Edge.Providers.Sandbox.Generation;

/// <summary>A call of one function; the arguments are a JSON object as text, in ASCII.</summary>
internal sealed record FunctionCall(string Name, string Arguments, int TokenCount)
{
    private const int LargestPiece = 12;

    /// <summary>The arguments in at least two pieces, so that tests show whether a client joins pieces.</summary>
    public IEnumerable<string> Pieces =>
        Arguments.Chunk(Math.Min(LargestPiece, (Arguments.Length + 1) / 2)).Select(piece => new string(piece));

    /// <summary>Chooses the function to call, if the request offers functions and the last message is the user's. Null: the output is text.</summary>
    public static FunctionCall? Choose(RequestReader body, Conversation conversation)
    {
        if (!body.TryGet("tools", out var tools))
        {
            return null;
        }

        if (tools.ValueKind != JsonValueKind.Array)
        {
            body.Refuse("tools", "'tools' must be an array.");
            return null;
        }

        body.TryGet("tool_choice", out var choice);
        if (!conversation.EndsWithUser || (choice.ValueKind == JsonValueKind.String && choice.ValueEquals("none")))
        {
            return null;
        }

        var functions = tools.EnumerateArray().Select(Function).Where(function => NameOf(function) is not null);
        if (choice.ValueKind != JsonValueKind.Object || NameOf(Function(choice)) is not { } requested)
        {
            return functions.Select(function => Fill(function, conversation)).FirstOrDefault();
        }

        var call = functions.Where(function => NameOf(function) == requested).Select(function => Fill(function, conversation)).FirstOrDefault();
        if (call is null)
        {
            body.Refuse("tool_choice", $"'tool_choice' names the function '{requested}', which is not among 'tools'.");
        }

        return call;
    }

    private static FunctionCall Fill(JsonElement function, Conversation conversation)
    {
        function.TryGetProperty("parameters", out var parameters);
        var name = NameOf(function)!;
        var arguments = SchemaSample.Object(parameters, conversation.Excerpt, conversation.Aborted);
        return new FunctionCall(name, arguments, TextTokens.Count(name, conversation.Aborted) + TextTokens.Count(arguments, conversation.Aborted));
    }

    // In chat completions a tool has its function in a member "function"; in the responses API the tool itself is the function.
    private static JsonElement Function(JsonElement tool) =>
        tool.ValueKind == JsonValueKind.Object && tool.TryGetProperty("function", out var nested) ? nested : tool;

    private static string? NameOf(JsonElement function) =>
        function.ValueKind == JsonValueKind.Object
        && function.TryGetProperty("name", out var name)
        && name.ValueKind == JsonValueKind.String
            ? name.GetString()
            : null;
}
