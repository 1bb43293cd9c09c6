using System.Text;
using System.Text.Json;
using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Memory.Recall;
using Cencori.Edge.Tests.Bodies;
using CsCheck;

namespace Cencori.Edge.Tests.Memory.Recall;

/// <summary>The last question of a chat, compared with a full JSON parser.</summary>
public sealed class LastUserMessageTests
{
    private static readonly Gen<string> Part = Gen.OneOf(
        Gen.Select(Gen.OneOfConst("text", "text", "image_url").SelectMany(SomeJson.Spelled), SomeJson.String).Select((type, text) => $$"""{"type":{{type}},"text":{{text}}}"""),
        SomeJson.Value);

    private static readonly Gen<string> Content = Gen.OneOf(SomeJson.String, Part.Array[0, 3].Select(parts => $"[ {string.Join(',', parts)}]"), SomeJson.Value);

    private static readonly Gen<string> Message = Gen.OneOf(
        Gen.Select(Gen.OneOfConst("user", "user", "assistant", "system").SelectMany(SomeJson.Spelled), Content, Gen.Bool)
            .Select((role, content, isFirst) => isFirst ? $$"""{"role":{{role}},"content":{{content}}}""" : $$"""{"content": {{content}} ,"x":1,"role":{{role}}}"""),
        SomeJson.Value);

    [Fact]
    public void The_last_question_is_found_at_any_place() => Gen.Select(Message.Array[0, 5], SomeJson.Value, Gen.Bool).Sample((messages, other, hasMark) =>
    {
        var text = (hasMark ? "\uFEFF" : "") + $$"""{"x":{{other}},"messages":[{{string.Join(',', messages)}}]}""";
        var body = Encoding.UTF8.GetBytes(text);
        if (!RequestScanner.TryScan(body, Operation.Chat, out _, out _))
        {
            return;
        }

        Assert.Null(LastUserMessage.Find(body, int.MaxValue / 16, out var found));
        using var parsed = SomeJson.Parse(hasMark ? body.AsMemory(3).ToArray() : body);
        Assert.Equal(Expected(parsed.RootElement.GetProperty("messages")), found?.Text);
        if (found is not null)
        {
            Assert.Equal(found.IsList ? (byte)'[' : (byte)'"', body[found.Place - 1]);
        }
    }, iter: 2_000);

    [Theory]
    [InlineData("é\\u00e9\\n\\\\", 4)]
    [InlineData("漢漢漢漢", 2)]
    [InlineData("a😀b", 2)]
    [InlineData("\\ud83d\\ude00\\ud83d\\ude00", 3)]
    public void Only_the_beginning_of_a_long_question_is_read(string text, int max)
    {
        var whole = JsonSerializer.Deserialize<string>($"\"{text}\"")!;
        var body = Encoding.UTF8.GetBytes($$"""{"messages":[{"role":"user","content":"{{text}}{{string.Concat(Enumerable.Repeat(text, 100))}}"}]}""");

        LastUserMessage.Find(body, max, out var found);

        Assert.StartsWith(found!.Text, string.Concat(whole, whole), StringComparison.Ordinal);
        Assert.InRange(found.Text.Length, max - 1, max);
        Assert.False(char.IsHighSurrogate(found.Text[^1]));
    }

    [Fact]
    public void A_cut_never_splits_an_escape() => Gen.Select(SomeJson.String.Array[1, 6], Gen.Int[1, 40]).Sample((pieces, max) =>
    {
        var text = string.Concat(pieces.Select(piece => piece[1..^1]));
        var whole = JsonSerializer.Deserialize<string>($"\"{text}\"")!;
        LastUserMessage.Find(Encoding.UTF8.GetBytes($$"""{"messages":[{"role":"user","content":"{{text}}"}]}"""), max, out var found);

        Assert.StartsWith(found?.Text ?? "", whole, StringComparison.Ordinal);
        Assert.True(found is null || found.Text.Length >= Math.Min(max, whole.Length) - 1);
    }, iter: 5_000);

    private static string? Expected(JsonElement messages)
    {
        if (messages.EnumerateArray().LastOrDefault(message => message.ValueKind == JsonValueKind.Object && TextOf(message, "role") == "user") is not { ValueKind: JsonValueKind.Object } last || !last.TryGetProperty("content", out var content))
        {
            return null;
        }

        var text = content.ValueKind switch
        {
            JsonValueKind.String => content.GetString(),
            JsonValueKind.Array => string.Join('\n', content.EnumerateArray().Where(part => part.ValueKind == JsonValueKind.Object && TextOf(part, "type") == "text").Select(part => TextOf(part, "text")).Where(part => !string.IsNullOrEmpty(part))),
            _ => null,
        };
        return string.IsNullOrWhiteSpace(text) ? null : text;
    }

    private static string? TextOf(JsonElement part, string name) => part.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
