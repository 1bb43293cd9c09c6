using System.Text;
using System.Text.Json;
using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Bodies.Splicing;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Tests.Infrastructure;
using CsCheck;
using Microsoft.AspNetCore.Http;
using JsonContent = Cencori.Edge.Bodies.JsonContent;

namespace Cencori.Edge.Tests.Bodies;

/// <summary>Bodies that try to hide a system message from its replacement. A full parser checks the results.</summary>
public sealed class SystemTextProperties
{
    private const string Text = "Be \"brief\".\n\\ {{x}} é🎈";

    private static readonly Gen<string> Space = Gen.OneOfConst("", "", "", " ", "\n", "\t \r\n");

    private static readonly Gen<string> Roles = Gen.OneOf(
        Gen.OneOfConst("system", "developer", "user", "System", "DEVELOPER", "assistant", "tool", "systems", "syste", "", "sуstem", "ſystem", "SYſTEM").SelectMany(SomeJson.Spelled),
        Gen.OneOfConst("\"system\\ud83d\"", "\"\\ud83dsystem\"", "\"s\\ufffdystem\"", "\"sys\\/tem\"", "\"\\u0053YSTE\\u006D\"", "null", "1", "[\"system\"]", "{\"role\":\"system\"}"));

    private static readonly Gen<string> Message = Gen.OneOf(
        Listed(Gen.OneOf(
            Property(Gen.OneOfConst("role", "role", "role", "Role", "rOLE", "roles").SelectMany(SomeJson.Spelled), Roles),
            Property(Gen.OneOfConst("content", "name", "type").SelectMany(SomeJson.Spelled), SomeJson.Value)), '{', '}'),
        SomeJson.Value);

    private static readonly Gen<string> Body = Listed(Gen.OneOf(
        Property(Gen.OneOfConst("messages", "input").SelectMany(SomeJson.Spelled), Listed(Message, '[', ']')),
        Property(Gen.OneOfConst("instructions", "system", "input", "x", "metadata", "mеssages").SelectMany(SomeJson.Spelled), SomeJson.Value),
        Property(Gen.Const("\"model\""), Gen.Const("\"gpt-4o\""))), '{', '}');

    [Theory]
    [InlineData(SystemPromptLocation.Messages, Operation.Chat, "messages", null)]
    [InlineData(SystemPromptLocation.Instructions, Operation.Responses, "input", "instructions")]
    [InlineData(SystemPromptLocation.Field, Operation.Other, "messages", "system")]
    [Trait(SlowestTests.Trait, "Each generated body is changed, and compared member by member.")]
    public void One_text_replaces_all_system_messages_and_everything_else_stays(SystemPromptLocation place, Operation operation, string list, string? field) =>
        Gen.Select(Body, Gen.OneOfConst(null, "gpt-4o-mini")).Sample((body, model) =>
        {
            var bytes = Encoding.UTF8.GetBytes(body);
            if (!RequestScanner.TryScan(bytes, operation, NotedFields.Conversation, out var scan, out _))
            {
                return;
            }

            using var pooled = PooledBodyTests.ReadAsync(bytes).GetAwaiter().GetResult();
            using var content = new JsonContent(pooled, scan, new("test", operation, ErrorDialect.OpenAI) { HasOutput = true });
            var refusal = SystemText.Replace(content, place, Text);
            Assert.Equal(IsRepeated(bytes, list) || IsRepeated(bytes, field), refusal is not null);
            if (refusal is not null)
            {
                return;
            }

            using var sending = content.Prepare(new DefaultHttpContext().Request, model, UsageOption.AsSent);
            var sent = sending.ReadAsByteArrayAsync().GetAwaiter().GetResult();

            using var before = SomeJson.Parse(bytes);
            using var after = SomeJson.Parse(sent);
            var isModelGiven = before.RootElement.EnumerateObject().Any(property => property.NameEquals("model"));
            var expected = Expected(before.RootElement, model, list, field).ToList();
            if (field is not null && !expected.Exists(property => property.Name == field))
            {
                expected.Insert(0, (field, Quoted(Text)));
            }

            if (model is not null && !isModelGiven)
            {
                Assert.Single(after.RootElement.EnumerateObject(), property => property.NameEquals("model"));
            }

            Assert.Equal(expected, PropertiesOf(after.RootElement).Where(property => isModelGiven || property.Name != "model"));
        }, iter: 2_000);

    [Fact]
    public async Task Any_number_of_system_messages_is_removed()
    {
        const int Turns = 50_000;
        var turns = string.Join(" , ", Enumerable.Range(0, Turns).Select(turn => $$"""{"role":"system","content":"{{turn}}"} ,{"role":"user","content":"{{turn}}"}"""));
        using var content = await NativeNamesTests.ReadAsync($$"""{"model":"m","messages":[ {{turns}}, {"role":"developer"} ],"x":1}""", Operation.Chat, NotedFields.Conversation);

        SystemText.Replace(content, SystemPromptLocation.Messages, "Hi.");

        using var sent = JsonDocument.Parse(await NativeNamesTests.SentAsync(content, "other"));
        Assert.Equal(["other", "1"], (string[])[sent.RootElement.GetProperty("model").GetString()!, sent.RootElement.GetProperty("x").GetRawText()]);
        Assert.Equal(
            [.. (string[])["system Hi."], .. Enumerable.Range(0, Turns).Select(turn => $"user {turn}")],
            sent.RootElement.GetProperty("messages").EnumerateArray().Select(message => $"{message.GetProperty("role")} {message.GetProperty("content")}"));
    }

    [Fact]
    public async Task Half_surrogate_pairs_in_all_messages_take_no_extra_time()
    {
        const int Messages = 100_000;
        using var content = await NativeNamesTests.ReadAsync(
            $$"""{"model":"m","messages":[{{string.Join(',', Enumerable.Repeat("""{"role":"\ud83d"}""", Messages))}}]}""", Operation.Chat, NotedFields.Conversation);

        SystemText.Replace(content, SystemPromptLocation.Messages, Text);

        using var sent = SomeJson.Parse(Encoding.UTF8.GetBytes(await NativeNamesTests.SentAsync(content)));
        Assert.Equal(Messages + 1, sent.RootElement.GetProperty("messages").GetArrayLength());
    }

    private static bool IsRepeated(byte[] body, string? name)
    {
        using var document = SomeJson.Parse(body);
        return name is not null && document.RootElement.EnumerateObject().Count(property => property.NameEquals(name)) > 1;
    }

    private static IEnumerable<(string Name, string Value)> Expected(JsonElement before, string? model, string list, string? field)
    {
        foreach (var property in before.EnumerateObject())
        {
            if (property.Name == list && property.Value.ValueKind == JsonValueKind.Array)
            {
                var kept = property.Value.EnumerateArray().Where(message => !IsSystem(message)).Select(message => message.GetRawText());
                var first = field is null ? [$$"""{"role":"system","content":{{Quoted(Text)}}}"""] : (string[])[];
                yield return (property.Name, string.Join('|', [.. first, .. kept]));
            }
            else
            {
                yield return (property.Name, property.Name == field ? Quoted(Text) : property.Name == "model" && model is not null ? $"\"{model}\"" : Value(property.Value));
            }
        }
    }

    private static IEnumerable<(string Name, string Value)> PropertiesOf(JsonElement after) => after.EnumerateObject().Select(property => (property.Name, Value(property.Value)));

    private static string Value(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? string.Join('|', value.EnumerateArray().Select(item => item.GetRawText())) : value.GetRawText();

    private static bool IsSystem(JsonElement message) => message.ValueKind == JsonValueKind.Object && message.EnumerateObject().Any(property =>
        property.Name.Equals("role", StringComparison.OrdinalIgnoreCase)
        && property.Value.ValueKind == JsonValueKind.String
        && !property.Value.GetRawText().Contains("\\ud83d", StringComparison.Ordinal)
        && (property.Value.GetString()!.Replace('\u017f', 's').Equals("system", StringComparison.OrdinalIgnoreCase) || property.Value.GetString()!.Equals("developer", StringComparison.OrdinalIgnoreCase)));

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    private static Gen<string> Property(Gen<string> name, Gen<string> value) =>
        Gen.Select(name, Space, Space, value, (spelled, before, after, json) => $"{spelled}{before}:{after}{json}");

    private static Gen<string> Listed(Gen<string> item, char open, char close) =>
        Gen.Select(Gen.Select(Space, item, Space, (before, json, after) => before + json + after).Array[0, 6], Space,
            (items, space) => items.Length == 0 ? $"{open}{space}{close}" : $"{open}{string.Join(',', items)}{close}");
}
