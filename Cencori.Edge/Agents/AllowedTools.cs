using System.Collections.Frozen;
using System.Text.Json;
using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using JsonContent = Cencori.Edge.Bodies.JsonContent;

namespace Cencori.Edge.Agents;

/// <summary>Checks that a request body uses only tools that the agent may use. Functions are compared by name, and a provider's own tools by type.</summary>
internal static class AllowedTools
{
    private const string Param = "tools";
    private const int LongestShown = 64;

    // Fields that enable a provider's own tool without a tool list.
    private static readonly (string Field, string Tool)[] Switches =
        [("web_search_options", "web_search"), ("search_parameters", "web_search"), ("mcp_servers", "mcp"), ("plugins", "plugins")];

    /// <returns>The error that refuses the request. Null: all tools are allowed.</returns>
    public static EdgeError? Refusal(JsonContent content, FrozenSet<string> allowed)
    {
        if (content.SearchesWeb && OfTool("plugins", allowed) is { } search)
        {
            return search;
        }

        foreach (var noted in content.Scan.Noted ?? [])
        {
            var value = content.Text.Slice(noted.Value.Start, noted.Value.Length);
            if (value[0] == 'n')
            {
                continue;
            }

            var refusal = noted.Field switch
            {
                RequestField.Tools or RequestField.Functions => OfReadableList(value, allowed),
                RequestField.Elsewhere => OfSwitch(content.Text.Slice(noted.Name.Start, noted.Name.Length), allowed),
                _ => null,
            };
            if (refusal is not null)
            {
                return refusal;
            }
        }

        return null;
    }

    private static EdgeError? OfSwitch(ReadOnlySpan<byte> name, FrozenSet<string> allowed)
    {
        var field = JsonSerializer.Deserialize<string>(name);
        var tool = Array.Find(Switches, one => one.Field == field).Tool;
        return tool is null ? null : OfTool(tool, allowed);
    }

    private static EdgeError? OfTool(string tool, FrozenSet<string> allowed) => allowed.Contains(tool) ? null : NotAllowed(tool);

    private static EdgeError? OfReadableList(ReadOnlySpan<byte> json, FrozenSet<string> allowed)
    {
        try
        {
            return OfList(json, allowed);
        }
        catch (InvalidOperationException)
        {
            // A tool name or type contains half of a surrogate pair. The first one ends the check, so one request causes one exception at most.
            return EdgeError.Invalid($"'{Param}' contains text that is not valid Unicode.", Param);
        }
    }

    private static EdgeError? OfList(ReadOnlySpan<byte> json, FrozenSet<string> allowed)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = RequestScanner.MaxDepth });
        using var list = JsonDocument.ParseValue(ref reader);
        if (list.RootElement.ValueKind != JsonValueKind.Array)
        {
            return EdgeError.Invalid($"'{Param}' must be an array.", Param);
        }

        foreach (var tool in list.RootElement.EnumerateArray())
        {
            if (!TryReadName(tool, out var name))
            {
                return EdgeError.Invalid("A tool must be an object with one type and one name.", Param);
            }

            if (!allowed.Contains(name))
            {
                return NotAllowed(name);
            }
        }

        return null;
    }

    private static bool TryReadName(JsonElement tool, out string name)
    {
        name = "";
        if (!TryReadText(tool, "type", out var type))
        {
            return false;
        }

        if (type is not (null or "function" or "custom"))
        {
            name = type;
            return true;
        }

        // In chat completions the tool's name is inside "function" or "custom"; in other APIs the name is beside the type.
        if (!TryReadText(tool, "name", out var beside) || !TryFind(tool, "function", out var function) || !TryFind(tool, "custom", out var custom)
            || !TryReadText(function, "name", out var ofFunction) || !TryReadText(custom, "name", out var ofCustom))
        {
            return false;
        }

        string?[] names = [beside, ofFunction, ofCustom];
        if (names.Count(one => one is not null) != 1)
        {
            return false;
        }

        name = Array.Find(names, one => one is not null)!;
        return true;
    }

    // False if the member is not a text, or appears twice when case is ignored: some providers ignore the case of member names.
    private static bool TryReadText(JsonElement? holder, string name, out string? text)
    {
        text = null;
        if (holder is not { } element)
        {
            return true;
        }

        if (!TryFind(element, name, out var found))
        {
            return false;
        }

        text = found is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
        return found is null || text is not null;
    }

    private static bool TryFind(JsonElement holder, string name, out JsonElement? found)
    {
        found = null;
        if (holder.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        foreach (var property in holder.EnumerateObject())
        {
            if (UnicodeCaseFolding.EqualsIgnoreCase(property.Name, name))
            {
                if (found is not null || property.Name != name)
                {
                    return false;
                }

                found = property.Value;
            }
        }

        return true;
    }

    private static EdgeError NotAllowed(string tool) => EdgeError.Forbidden(
        $"The agent may not use the tool '{(tool.Length > LongestShown ? Cut(tool) + "…" : tool)}'.", Reasons.ToolNotAllowed) with { Param = Param };

    // Shortens the name for the error message without splitting a surrogate pair.
    private static string Cut(string tool) => tool[..(char.IsHighSurrogate(tool[LongestShown - 1]) ? LongestShown - 1 : LongestShown)];
}
