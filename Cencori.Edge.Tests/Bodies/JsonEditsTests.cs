using System.Text;
using Cencori.Edge.Bodies;
using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Bodies.Splicing;
using CsCheck;

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
            foreach (var field in fields.OrderBy(field => (field.Name.Start * 31) ^ seed))
            {
                edits.Remove(field, body);
            }

            var changes = edits.With(default, []);
            var left = new byte[body.Length + Splice.GrowthOf(changes, body.Length)];
            new SplicedRuns(changes).Fill(body, left);

            using var parsed = SomeJson.Parse(left);
            Assert.Equal(goes.Select((gone, i) => gone ? null : $"p{i}").OfType<string>(), parsed.RootElement.EnumerateObject().Select(property => property.Name));
            Assert.Equal(fields.Count > 0, edits.HasRemoved);
        });
}
