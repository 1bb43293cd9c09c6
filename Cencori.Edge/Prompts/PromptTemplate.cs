using System.Text;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Prompts;

/// <summary>Checks and renders a prompt's content. See <see cref="PromptParts"/> for the grammar.</summary>
public static class PromptTemplate
{
    /// <summary>Maximum size of a prompt's content, in bytes of UTF-8.</summary>
    public const int MaxBytes = 65_536;

    /// <summary>Maximum number of variables in a prompt.</summary>
    public const int MaxVariables = 100;

    /// <summary>Maximum length of a variable's name, in characters.</summary>
    public const int MaxNameLength = PromptParts.MaxNameLength;

    /// <summary>Maximum length of the rendered content, in characters. It needs its own limit, because a value may appear many times.</summary>
    public const int MaxRendered = 1_048_576;

    /// <summary>Returns the variables in a prompt's content, in order of first use.
    /// If the content is invalid, returns null and sets <paramref name="problem"/>.</summary>
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

        var wrong = content.Length == 0 || Encoding.UTF8.GetByteCount(content) > MaxBytes ? $"content must have 1 to {MaxBytes} bytes."
            : content.Contains('\0') ? "content must not contain a null character."
            : parts.InvalidAt >= 0 ? $"The braces at character {parts.InvalidAt + 1} of the content are not a valid variable that ends with '}}}}'. A variable is {{{{name}}}}, with a name of 1 to {PromptParts.MaxNameLength} letters, digits, '_', '-' and '.'. Write a backslash before braces that are text: \\{{{{."
            : variables.Count > MaxVariables ? $"A prompt must have at most {MaxVariables} variables."
            : null;
        problem = wrong is null ? null : EdgeError.Invalid(wrong, "content");
        return wrong is null ? variables : null;
    }

    /// <summary>Replaces the placeholders with values. A value is plain text, even with braces in it.</summary>
    /// <param name="content">The content; all of its variables have values.</param>
    /// <param name="values">Values by variable name.</param>
    /// <returns>Null: the result would exceed <see cref="MaxRendered"/>.</returns>
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
