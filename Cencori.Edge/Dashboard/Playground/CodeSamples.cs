using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Cencori.Edge.Dashboard.Playground;

/// <summary>Writes a playground request as code in several languages. The code reads the key from an environment variable.</summary>
internal static class CodeSamples
{
    // The length of an escape such as \u00e9.
    private const int EscapeLength = 6;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Replaces images by a placeholder: they are too long for code.</summary>
    public static PlaygroundInput WithoutPictures(PlaygroundInput input) =>
        input with { Turns = [.. input.Turns.Select(turn => turn with { Images = [.. turn.Images.Select(image => image[..(image.IndexOf(',') + 1)] + "YOUR_PICTURE_IN_BASE64")] })] };

    /// <param name="body">The request, as JSON.</param>
    /// <param name="address">The edge's URL.</param>
    public static IReadOnlyList<(string Name, string Text)> Of(byte[] body, string address)
    {
        using var document = JsonDocument.Parse(body);
        var json = JsonSerializer.Serialize(document.RootElement, Indented);
        return
        [
            ("curl", Curl(json, address)),
            (".NET", DotNet(json, document.RootElement.GetProperty("model").GetString()!, address)),
            ("Python", Python(document.RootElement, address)),
            ("JavaScript", JavaScript(json, address)),
        ];
    }

    private static string Curl(string json, string address) =>
        $"curl {address}/v1/chat/completions \\\n  -H \"Authorization: Bearer $CENCORI_API_KEY\" -H \"Content-Type: application/json\" \\\n  -d '{json.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string DotNet(string json, string model, string address)
    {
        // The delimiter of a C# raw string: it needs more quotation marks than the longest run of quotation marks in the text.
        var quotes = "\"\"\"";
        while (json.Contains(quotes, StringComparison.Ordinal))
        {
            quotes += '"';
        }

        return $"""
            // dotnet add package OpenAI
            using System.ClientModel;
            using OpenAI;

            var key = new ApiKeyCredential(Environment.GetEnvironmentVariable("CENCORI_API_KEY")!);
            var client = new OpenAIClient(key, new() {"{"} Endpoint = new Uri("{address}/v1") {"}"}).GetChatClient({JsonSerializer.Serialize(model)});
            using var body = BinaryContent.Create(BinaryData.FromString({quotes}
            {json}
            {quotes}));
            var answer = await client.CompleteChatAsync(body);
            Console.WriteLine(answer.GetRawResponse().Content);
            """.ReplaceLineEndings("\n");
    }

    private static string Python(JsonElement body, string address)
    {
        var arguments = new StringBuilder();
        foreach (var member in body.EnumerateObject())
        {
            arguments.Append("    ").Append(member.Name).Append('=');
            PythonLiteral(arguments, member.Value, 1);
            arguments.Append(",\n");
        }

        return $"""
            # pip install openai
            import os
            from openai import OpenAI

            client = OpenAI(base_url="{address}/v1", api_key=os.environ["CENCORI_API_KEY"])
            answer = client.chat.completions.create(
            {arguments})
            print(answer.choices[0].message)
            """.ReplaceLineEndings("\n");
    }

    private static string JavaScript(string json, string address) => $"""
        // npm install openai
        import OpenAI from "openai";

        const client = new OpenAI({"{"} baseURL: "{address}/v1", apiKey: process.env.CENCORI_API_KEY {"}"});
        const answer = await client.chat.completions.create({json});
        console.log(answer.choices[0].message);
        """.ReplaceLineEndings("\n");

    private static void PythonLiteral(StringBuilder text, JsonElement value, int depth)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null:
                text.Append(value.ValueKind == JsonValueKind.Null ? "None" : value.ValueKind.ToString());
                break;
            case JsonValueKind.Object:
                Nested(text, '{', '}', value.EnumerateObject(), depth, member =>
                {
                    text.Append(PythonText(JsonSerializer.Serialize(member.Name, Indented))).Append(": ");
                    PythonLiteral(text, member.Value, depth + 1);
                });
                break;
            case JsonValueKind.Array:
                Nested(text, '[', ']', value.EnumerateArray(), depth, item => PythonLiteral(text, item, depth + 1));
                break;
            default:
                text.Append(PythonText(JsonSerializer.Serialize(value, Indented)));
                break;
        }
    }

    // JSON escapes some characters as a pair of surrogates. Python would read each half as a character, so the character itself is written.
    private static string PythonText(string json)
    {
        var text = new StringBuilder(json.Length);
        for (var i = 0; i < json.Length; i++)
        {
            if (json[i] != '\\')
            {
                text.Append(json[i]);
            }
            else if (IsEscape(json, i) && IsEscape(json, i + EscapeLength) && char.IsSurrogatePair(Escaped(json, i), Escaped(json, i + EscapeLength)))
            {
                text.Append(Escaped(json, i)).Append(Escaped(json, i + EscapeLength));
                i += (2 * EscapeLength) - 1;
            }
            else
            {
                text.Append(json, i, 2);
                i++;
            }
        }

        return text.ToString();
    }

    private static bool IsEscape(string json, int at) => at + EscapeLength <= json.Length && json[at] == '\\' && json[at + 1] == 'u';

    private static char Escaped(string json, int at) => (char)ushort.Parse(json.AsSpan(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static void Nested<T>(StringBuilder text, char open, char close, IEnumerable<T> items, int depth, Action<T> write)
    {
        text.Append(open);
        var any = false;
        foreach (var item in items)
        {
            any = true;
            text.Append('\n').Append(' ', 4 * (depth + 1));
            write(item);
            text.Append(',');
        }

        if (any)
        {
            text.Append('\n').Append(' ', 4 * depth);
        }

        text.Append(close);
    }
}

/// <param name="Samples">Code by language.</param>
/// <param name="HasPictures">True: images were replaced by a placeholder.</param>
public sealed record CodeModel(IReadOnlyList<(string Name, string Text)> Samples, bool HasPictures);
