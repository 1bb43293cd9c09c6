using System.Text;
using Cencori.Edge.Bodies;
using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Bodies.Splicing;
using Cencori.Edge.Endpoints;
using CsCheck;
using Microsoft.AspNetCore.Http;

namespace Cencori.Edge.Tests.Bodies;

/// <summary>Removal of properties from a body.</summary>
public sealed class JsonEditsTests
{
    private static readonly Gen<string> Space = Gen.OneOfConst("", "", " ", "\n\t");

    [Fact]
    public void The_rest_is_a_valid_object_after_any_properties_are_removed() =>
        Gen.Select(Gen.Bool.Array[1, 8], Space, Space, Gen.Int[0, 1_000]).Sample((goes, before, behind, seed) =>
        {
            var text = new StringBuilder("{");
            var fields = new List<NotedField>();
            for (var i = 0; i < goes.Length; i++)
            {
                text.Append(i == 0 ? before : $"{behind},{before}");
                var name = new ByteRange(text.Length, 4);
                text.Append($"\"p{i % 10}\"").Append(behind).Append(':');
                var value = new ByteRange(text.Length, 3);
                text.Append($"\"{i % 10}\"");
                if (goes[i])
                {
                    fields.Add(new(RequestField.Memory, name, value));
                }
            }

            var body = Encoding.UTF8.GetBytes(text.Append(behind).Append('}').ToString());
            var edits = new JsonEdits();
            var ordered = fields.OrderBy(field => (field.Name.Start * 31) ^ seed).ToList();
            foreach (var field in ordered.Skip(1))
            {
                edits.Remove(field, body);
            }

            var changes = (ordered is [var last, ..] ? edits.Without(new(last.Name.Start, last.Value.End - last.Name.Start), body) : edits).With(default, []);
            var left = new byte[body.Length + Splice.GrowthOf(changes, body.Length)];
            new SplicedRuns(changes).Fill(body, left);

            using var parsed = SomeJson.Parse(left);
            Assert.Equal(goes.Select((gone, i) => gone ? null : $"p{i}").OfType<string>(), parsed.RootElement.EnumerateObject().Select(property => property.Name));
        });

    [Theory]
    [InlineData("""{"model":"m","memory":"x","stream_options":{},"stream":true,"messages":[]}""")]
    [InlineData("""{"model":"m","stream":true,"messages":[],"stream_options":{"include_usage":true},"memory":"x"}""")]
    [InlineData("""{"stream_options":null,"model":"m","stream":true,"memory":"x","messages":[]}""")]
    [InlineData("""{"model":"m","stream":true,"stream_options":{},"messages":[]}""")]
    public async Task A_provider_that_takes_no_stream_options_gets_none_and_the_next_one_gets_them(string text)
    {
        using var content = await NativeNamesTests.ReadAsync(text, Operation.Chat, NotedFields.Memory);
        foreach (var field in (content.Scan.Noted ?? []).Where(field => field.Field == RequestField.Memory))
        {
            content.Edits.Remove(field, content.Text);
        }

        foreach (var usage in (UsageOption[])[UsageOption.Removed, UsageOption.AsSent])
        {
            using var sent = SomeJson.Parse(await content.Prepare(new DefaultHttpContext().Request, "m", usage).ReadAsByteArrayAsync());
            Assert.Equal((usage == UsageOption.AsSent, false), (sent.RootElement.TryGetProperty("stream_options", out _), sent.RootElement.TryGetProperty("memory", out _)));
            Assert.True(sent.RootElement.TryGetProperty("messages", out _));
        }
    }
}
