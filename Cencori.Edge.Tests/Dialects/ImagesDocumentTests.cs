using Cencori.Edge.Endpoints;
using CsCheck;

namespace Cencori.Edge.Tests.Dialects;

/// <summary>Images that were made, as the native endpoint tells them.</summary>
public sealed class ImagesDocumentTests
{
    [Theory]
    [InlineData(
        """{"created":1,"data":[{"url":"https://x/1","revised_prompt":"a \"cat\""},{"b64_json":"AAAA","url":null,"revised_prompt":null,"x":[1]}],"usage":{"total_tokens":3}}""",
        """{"created":1,"images":[{"url":"https://x/1","revisedPrompt":"a \"cat\""},{"b64_json":"AAAA"}],"usage":{"total_tokens":3},"model":"gpt-4o","provider":"openai"}""")]
    [InlineData("""{ "model" : "dall-e-3", "data" : [ { "x":1 , "b64_json" : "A" } ] }""", """{ "model" : "dall-e-3", "images" : [ {  "b64_json" : "A" } ] ,"provider":"openai"}""")]
    [InlineData("""{"data":[],"provider":"x"}""", """{"images":[],"provider_of_provider":"x","model":"gpt-4o","provider":"openai"}""")]
    [InlineData("nonsense", "nonsense")]
    public void A_list_of_images_is_told_as_cencori_s_clients_read_it(string document, string expected)
    {
        Assert.Equal(expected, NativeReading.Of(NativeShape.Images, document, isEventStream: false).Text);
        Gen.Select(Gen.Int[1, 20].Array[1, 8], Gen.Int[1, 100]).Sample(
            (cuts, room) => Assert.Equal(expected, NativeReading.Of(NativeShape.Images, document, isEventStream: false, room: room, cuts: cuts).Text),
            iter: 50);
    }
}
