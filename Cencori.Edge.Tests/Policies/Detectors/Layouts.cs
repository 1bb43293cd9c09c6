using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Cencori.Edge.Tests.Policies.Detectors;

/// <summary>Contexts of values in texts, and encodings of texts in JSON strings.</summary>
internal static class Layouts
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static readonly (string Before, string After)[] Texts =
    [
        ("", ""), ("My number is ", ". Thanks!"), ("Please write to ", " as soon as you can"), ("| Name | ", " | yes |"), ("\n- ", "\n- more"), ("const value = \"", "\";"), ("value = '", "'  # from the form"),
        ("{\"id\": 7, \"value\": \"", "\", \"more\": null}"), ("<td>", "</td>"), ("GET /find?q=", "&page=2"), ("first line\n", "\nthird line"), ("(", ")"), ("**", "**"), ("`", "`"), ("Anna;", ";yes"),
        ("«", "»"), ("value: ", "\nother: 1"), ("番号は", "です。"), ("col\t", "\tcol"), ("[x](mailto:", ")"), ("Это ", ", верно?"), ("[", "]"), ("2024-05-01T10:00:00Z INFO user=", " logged in"),
        ("$", "!"), ("a, ", ", b"), ("> ", "\r\n"), ("\"", "\""), ("// ", "\n"), ("{{", "}}"), ("…", "…"),
    ];

    public static readonly (string Name, Func<string, string> Source)[] Sources =
    [
        ("as it is", text => Json(text)),
        ("all escaped", text => string.Concat(text.Select(unit => $"\\u{(int)unit:x4}"))),
        ("JSON in JSON", text => Json(Json(text))),
        ("JSON in JSON, escaped", text => Json(JsonSerializer.Serialize(text)[1..^1])),
        ("JSON in JSON in JSON", text => Json(Json(Json(text)))),
        ("full width", text => Json(string.Concat(text.Select(unit => unit is > ' ' and <= '~' and not ('"' or '\\') ? (char)(unit - '!' + 0xFF01) : unit)))),
        ("split by zero width", text => Json(string.Concat(text.Select((unit, at) => at > 0 && at % 3 == 0 ? $"\u200B{unit}" : $"{unit}")))),
        ("split by escaped zero width", text => string.Concat(text.Select((unit, at) => at > 0 && at % 2 == 0 ? $"\\u2060{Json($"{unit}")}" : Json($"{unit}")))),
        ("other spaces and dashes", text => Json(text.Replace(' ', '\u00A0').Replace('-', '\u2011'))),
        ("other digits", text => Json(string.Concat(text.Select(unit => char.IsAsciiDigit(unit) ? (char)(unit - '0' + '\u0660') : unit)))),
        ("look-alikes", text => Json(text.Replace('a', '\u0430').Replace('E', '\u0415').Replace('o', '\u043E'))),
    ];

    public static readonly (string Name, Func<string, string> Source)[] Encodings =
    [
        ("base64", text => Convert.ToBase64String(Encoding.UTF8.GetBytes(text))),
        ("base64 of URLs", text => Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_')),
        ("hexadecimal", text => Convert.ToHexString(Encoding.UTF8.GetBytes(text))),
        ("base64 in JSON", text => Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).Replace("/", "\\/")),
    ];

    private static string Json(string text) => JsonSerializer.Serialize(text, Relaxed)[1..^1];
}
