using System.Text;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Prompts;

/// <summary>What a prompt's content may be, and what becomes of it. Its grammar stands at <see cref="PromptParts"/>.</summary>
public static class PromptTemplate
{
    /// <summary>Bytes of a content in UTF-8 at most.</summary>
    public const int MaxBytes = 65_536;

    /// <summary>Variables of one content at most.</summary>
    public const int MaxVariables = 100;

    /// <summary>Characters of a variable's name at most.</summary>
    public const int MaxNameLength = PromptParts.MaxNameLength;

    /// <summary>Characters of what a content becomes with its values at most: a value may stand in it often.</summary>
    public const int MaxRendered = 1_048_576;

    /// <summary>The variables of a content, in the order in which they are first named; or null, and what is wrong with it.</summary>
    public static List<string>? VariablesOf(string content, out EdgeError? problem)
    {
        var variables = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var isSeen = seen.GetAlternateLookup<ReadOnlySpan<char>>();
        var parts = new PromptParts(content);
        while (parts.MoveNext() && parts.InvalidAt < 0 && variables.Count <= MaxVariables)
        {
            if (!parts.Variable.IsEmpty && isSeen.Add(parts.Variable))
            {
                variables.Add(parts.Variable.ToString());
            }
        }

        var wrong = content.Length == 0 || Encoding.UTF8.GetByteCount(content) > MaxBytes ? $"content has 1 to {MaxBytes} bytes."
            : content.Contains('\0') ? "content has no null character."
            : parts.InvalidAt >= 0 ? $"The braces at character {parts.InvalidAt + 1} of the content begin no variable, or none that '}}}}' ends. One is {{{{name}}}}, of 1 to {PromptParts.MaxNameLength} letters, digits, '_', '-' and '.'; braces that are text have a backslash in front: \\{{{{."
            : variables.Count > MaxVariables ? $"A prompt has at most {MaxVariables} variables."
            : null;
        problem = wrong is null ? null : EdgeError.Invalid(wrong, "content");
        return wrong is null ? variables : null;
    }

    /// <summary>Puts the values in their places. A value is text, whatever stands in it.</summary>
    /// <param name="content">Its variables all have values.</param>
    /// <param name="values">By the names of the variables.</param>
    /// <returns>Null: it would be longer than <see cref="MaxRendered"/>.</returns>
    public static string? Render(string content, Dictionary<string, string> values)
    {
        var length = 0L;
        var byName = values.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var parts = new PromptParts(content); parts.MoveNext();)
        {
            length += parts.Text.Length + (parts.Variable.IsEmpty ? 0 : byName[parts.Variable].Length);
        }

        return length > MaxRendered ? null : string.Create((int)length, (content, values), static (rendered, state) =>
        {
            var byName = state.values.GetAlternateLookup<ReadOnlySpan<char>>();
            for (var parts = new PromptParts(state.content); parts.MoveNext();)
            {
                parts.Text.CopyTo(rendered);
                rendered = rendered[parts.Text.Length..];
                if (!parts.Variable.IsEmpty)
                {
                    var value = byName[parts.Variable];
                    value.CopyTo(rendered);
                    rendered = rendered[value.Length..];
                }
            }
        });
    }
}
