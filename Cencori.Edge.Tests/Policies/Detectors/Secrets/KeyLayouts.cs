using System.Text;
using System.Text.Json;

namespace Cencori.Edge.Tests.Policies.Detectors.Secrets;

/// <summary>Contexts in which people paste secrets.</summary>
internal static class KeyLayouts
{
    public static readonly (string Name, Func<string, string> Put)[] All =
    [
        ("prose", key => $"My key is {key}, can you tell me why it does not work?"),
        ("prose, last", key => $"It does not work with {key}."),
        ("alone", key => key),
        ("env file", key => $"PORT=8080\nAPI_KEY={key}\nDEBUG=1\n"),
        ("env file, quoted", key => $"export API_KEY=\"{key}\" # do not commit\n"),
        ("JSON", key => $$"""{"name":"prod","key":"{{key}}","active":true}"""),
        ("JSON in JSON", key => $"\"{{\\\"key\\\": \\\"{key}\\\"}}\""),
        ("YAML", key => $"env:\n  - name: TOKEN\n    value: {key}\n"),
        ("shell", key => $"$ export TOKEN='{key}' && ./run\n"),
        ("curl header", key => $"curl -H \"Authorization: Bearer {key}\" https://api.example.com/v1"),
        ("curl header, raw", key => $"curl -H 'X-Api-Key:{key}' https://api.example.com/v1"),
        ("Markdown table", key => $"| service | key |\n|---|---|\n| prod | {key} |\n"),
        ("Markdown code", key => $"Use `{key}` here.\n"),
        ("Markdown fence", key => $"```\n{key}\n```\n"),
        ("query", key => $"GET /v1/items?limit=10&key={key}&page=2 HTTP/1.1"),
        ("query, escaped", key => $"redirect=https%3A%2F%2Fexample.com%3Fkey%3D{key}%26page%3D2"),
        ("code", key => $"var client = new Client(\"{key}\");"),
        ("code with escapes", key => $"const text = \"one\\n{key}\\ntwo\";"),
        ("HTML", key => $"<input type=\"hidden\" value=\"{key}\">"),
        ("log", key => $"2026-11-02T10:11:12Z ERROR auth failed key={key} status=401"),
        ("stack trace", key => $"Error: 401 Incorrect API key provided: {key}. You can find your API key at\n    at send (client.js:12:3)"),
        ("list", key => $"keys: [{key}, none]"),
        ("Chinese", key => $"我的密钥是{key}，为什么不行？"),
        ("diff", key => $"-TOKEN=old\n+TOKEN={key}\n"),
    ];

    public static string InJson(string text) => JsonSerializer.Serialize(text)[1..^1];

    public static string Pem(Random random, string label, string lineEnd)
    {
        var bytes = new byte[random.Next(40, 1600)];
        random.NextBytes(bytes);
        var text = Convert.ToBase64String(bytes);
        var pem = new StringBuilder($"-----BEGIN {label}-----{lineEnd}");
        for (var at = 0; at < text.Length; at += 64)
        {
            pem.Append(text, at, Math.Min(64, text.Length - at)).Append(lineEnd);
        }

        return pem.Append("-----END ").Append(label).Append("-----").ToString();
    }
}
