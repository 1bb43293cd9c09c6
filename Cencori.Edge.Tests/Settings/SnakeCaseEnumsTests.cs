using System.Text.Json;
using Cencori.Edge.Projects;
using Cencori.Edge.Settings;

namespace Cencori.Edge.Tests.Settings;

public class SnakeCaseEnumsTests
{
    private static readonly JsonSerializerOptions Options = new() { Converters = { new SnakeCaseEnums() } };

    [Theory]
    [InlineData("json_schema", RouteDocument.Ability.JsonSchema)]
    [InlineData("Json_Schema", RouteDocument.Ability.JsonSchema)]
    [InlineData("tools", RouteDocument.Ability.Tools)]
    [InlineData("tools,images", null)]
    [InlineData("tools, tools", null)]
    [InlineData("JsonSchema", null)]
    [InlineData(" tools", null)]
    [InlineData("1", null)]
    [InlineData("", null)]
    public void One_name_is_read(string text, RouteDocument.Ability? value)
    {
        Assert.Equal(value, SnakeCaseEnums.Find<RouteDocument.Ability>(text));
        var json = JsonSerializer.Serialize(text);
        if (value is null)
        {
            Assert.Contains("RouteDocument+Ability", Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<RouteDocument.Ability>(json, Options)).Message, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(value, JsonSerializer.Deserialize<RouteDocument.Ability>(json, Options));
        }
    }

    [Fact]
    public void Every_value_is_written_as_its_name() =>
        Assert.Equal("""["tools","images","audio","json_schema",null]""", JsonSerializer.Serialize((RouteDocument.Ability?[])[.. Enum.GetValues<RouteDocument.Ability>(), null], Options));

    [Theory]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("[]")]
    public void Other_json_is_refused(string json) => Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<RouteDocument.Ability>(json, Options));
}
