using System.Text.Json;
using Cencori.Edge.Metering;

namespace Cencori.Edge.Providers.Sandbox.Generation;

/// <summary>A call of one function, or of one custom tool.</summary>
/// <param name="Name">The name of the function or tool.</param>
/// <param name="Arguments">For a function: a JSON object as text, in ASCII. For a custom tool: any text.</param>
/// <param name="TokenCount">The tokens of both.</param>
/// <param name="IsCustom">True: the call is of a custom tool.</param>
internal sealed record FunctionCall(string Name, string Arguments, int TokenCount, bool IsCustom)
{
    private const int LargestPiece = 12;
    private const string Custom = "custom";

    /// <summary>The type of the tool, and in chat completions also the member that holds the call.</summary>
    public string Kind => IsCustom ? Custom : "function";

    /// <summary>The member that holds <see cref="Arguments"/>.</summary>
    public string ArgumentsName => IsCustom ? "input" : "arguments";

    /// <summary>The arguments in at least two pieces, so that tests show whether a client joins pieces.</summary>
    public IEnumerable<string> Pieces => IsCustom ? TextTokens.Split(Arguments).Where(piece => piece.Length > 0)
        : Arguments.Chunk(Math.Min(LargestPiece, (Arguments.Length + 1) / 2)).Select(piece => new string(piece));

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

        var offers = tools.EnumerateArray().Select(Read).Where(offer => offer.Name is not null);
        if (Read(choice).Name is not { } requested)
        {
            return offers.Select(offer => Fill(offer, conversation)).FirstOrDefault();
        }

        var call = offers.Where(offer => offer.Name == requested).Select(offer => Fill(offer, conversation)).FirstOrDefault();
        if (call is null)
        {
            body.Refuse("tool_choice", $"'tool_choice' names the function '{requested}', which is not among 'tools'.");
        }

        return call;
    }

    private static FunctionCall Fill(Offer offer, Conversation conversation)
    {
        offer.Definition.TryGetProperty("parameters", out var parameters);
        var arguments = offer.IsCustom ? conversation.Excerpt : SchemaSample.Object(parameters, conversation.Excerpt, conversation.Aborted);
        return new FunctionCall(offer.Name!, arguments, TextTokens.Count(offer.Name, conversation.Aborted) + TextTokens.Count(arguments, conversation.Aborted), offer.IsCustom);
    }

    // In chat completions a tool has its definition in a member with the name of its type; in the responses API the tool itself is the definition.
    // The provider runs tools of any other type itself.
    private static Offer Read(JsonElement tool)
    {
        if (tool.ValueKind != JsonValueKind.Object)
        {
            return default;
        }

        var type = TextOf(tool, "type") ?? "function";
        var definition = tool.TryGetProperty(type, out var nested) ? nested : tool;
        return type is "function" or Custom ? new(TextOf(definition, "name"), definition, type == Custom) : default;
    }

    private static string? TextOf(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    /// <param name="Name">The name. Null: the tool is not one that the model can call.</param>
    /// <param name="Definition">The object with the name, and with the parameters of a function.</param>
    /// <param name="IsCustom">True: the tool takes any text.</param>
    private readonly record struct Offer(string? Name, JsonElement Definition, bool IsCustom);
}
