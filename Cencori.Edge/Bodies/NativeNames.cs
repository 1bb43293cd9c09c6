using System.Text.Json;

namespace Cencori.Edge.Bodies;

/// <summary>The names that the native endpoint has beside OpenAI's. Either may be used, but not both in one body.</summary>
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

    /// <summary>Finds what the property that the reader stands on is called, in either spelling.</summary>
    /// <returns>Its number; -1: it has one name only.</returns>
    public static int Find(ref Utf8JsonReader reader)
    {
        // Each character may be written as six.
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

    /// <summary>How the field is read.</summary>
    public static RequestField FieldOf(int number) => All[number].Field;

    /// <summary>OpenAI's name, in quotes.</summary>
    public static byte[] Quoted(int number) => All[number].Quoted;

    /// <summary>What is said where both spellings are in one body.</summary>
    public static RequestProblem Twice(int number) => new($"'{All[number].NativeText}' and '{All[number].PlainText}' are one field. Send one of them.", All[number].NativeText);

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
