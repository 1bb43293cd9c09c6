using System.Text.Json;

namespace Cencori.Edge.Bodies.Scanning;

/// <summary>Native endpoints (<c>/api/ai/…</c>) accept a second name for some fields, beside OpenAI's. A body may use either name, but not both.</summary>
internal static class NativeNames
{
    private const int LongestName = 17;

    private static readonly Entry[] All =
    [
        new("maxTokens", "max_tokens", RequestField.MaxTokens),
        new("toolChoice", "tool_choice", RequestField.Unknown),
        new("userId", "user", RequestField.User),
        new("frequencyPenalty", "frequency_penalty", RequestField.Unknown),
        new("presencePenalty", "presence_penalty", RequestField.Unknown),
        new("responseFormat", "response_format", RequestField.ResponseFormat),
        new("encodingFormat", "encoding_format", RequestField.ForNoModel),
    ];

    /// <summary>Finds the pair of names that contains the name of the property that the reader is on.</summary>
    /// <returns>The index of the pair, or -1 when the property has only one name.</returns>
    public static int Find(ref Utf8JsonReader reader)
    {
        // An escape such as \u006d takes six bytes for one character.
        if (reader.ValueSpan.Length > LongestName * 6)
        {
            return -1;
        }

        for (var i = 0; i < All.Length; i++)
        {
            if (reader.ValueTextEquals(All[i].Native) || reader.ValueTextEquals(All[i].Plain))
            {
                return i;
            }
        }

        return -1;
    }

    public static bool IsNative(int number, ref Utf8JsonReader reader) => reader.ValueTextEquals(All[number].Native);

    /// <summary>The field that this pair of names stands for.</summary>
    public static RequestField FieldOf(int number) => All[number].Field;

    /// <summary>OpenAI's name of this pair, in quotes.</summary>
    public static byte[] Quoted(int number) => All[number].Quoted;

    /// <summary>The problem when one body uses both spellings.</summary>
    public static RequestProblem BothSpellings(int number) => new($"'{All[number].NativeText}' and '{All[number].PlainText}' are one field. Send one of them.", All[number].NativeText);

    private sealed class Entry(string native, string plain, RequestField field)
    {
        public string NativeText { get; } = native;

        public string PlainText { get; } = plain;

        public byte[] Native { get; } = System.Text.Encoding.UTF8.GetBytes(native);

        public byte[] Plain { get; } = System.Text.Encoding.UTF8.GetBytes(plain);

        public byte[] Quoted { get; } = System.Text.Encoding.UTF8.GetBytes($"\"{plain}\"");

        public RequestField Field { get; } = field;
    }
}
