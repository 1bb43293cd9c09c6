using Cencori.Edge.Endpoints;
using CsCheck;
using Microsoft.AspNetCore.Http;

namespace Cencori.Edge.Tests.Endpoints;

public class SentPathTests
{
    [Theory]
    [InlineData("/v1/files/a%2Fb", "/files/a%2Fb", "/files/a%2Fb")]
    [InlineData("/api/v1/files/a%2fb?x=%2F", "/files/a%2fb", "/files/a%2fb")]
    [InlineData("/v1/files/%61%20%C3%A9/", "/files/a é/", "/files/%61%20%C3%A9")]
    [InlineData("/V1/files/100%25", "/files/100%", "/files/100%25")]
    [InlineData("/v1/files/plain", "/files/plain", null)]
    [InlineData("/%761/files/a%20b", "/files/a b", "/files/a%20b")]
    [InlineData("/v1/x/%2e%2e/files/a%20b", "/files/a b", "/files/a%20b")]
    [InlineData("http://edge/v1/files/a%20b", "/files/a b", "/files/a%20b")]
    [InlineData("/openai/v1/models/org%2Fx", "/models/org%2Fx", "/models/org%2Fx")]
    [InlineData("/v1/openai/v1/files/a%2Fb", "/files/a%2Fb", "/files/a%2Fb")]
    [InlineData("http://edge/v1/openai/deployments/a%20b/files/a%2Fb", "/files/a%2Fb", "/files/a%2Fb")]
    [InlineData("/v1/files/a%2Fb", "/files/c%2Fd", null)]
    [InlineData("/v1/files/a%20b\"", "/files/a b\"", null)]
    public void A_path_keeps_the_callers_encoding_if_it_is_unambiguous(string target, string rest, string? sent) =>
        Assert.Equal(sent, SentPath.Of(target, new PathString(rest)));

    [Theory]
    [InlineData("/v1/files/a%2Fb", false)]
    [InlineData("/v1/files/a%252Fb%2F", false)]
    [InlineData("/v1/models/org%2F.hidden", false)]
    [InlineData("/v1/models/a...b/..c/d..", false)]
    [InlineData("/v1/files/a;b/100%", false)]
    [InlineData("/v1/chat/completions/", false)]
    [InlineData("/", false)]
    [InlineData("/v1//files", true)]
    [InlineData("/v1/files//", true)]
    [InlineData("/v1/files/x%2F..%2F..%2Fchat%2Fcompletions", true)]
    [InlineData("/v1/files/x%2f%2e%2e%2fchat", true)]
    [InlineData("/v1/files/x%2F%252e%252E%2Fchat", true)]
    [InlineData("/v1/files/x%5C..%5Cchat", true)]
    [InlineData("/v1/files/x\\..\\chat", true)]
    [InlineData("/v1/files/..;a=b/chat", true)]
    [InlineData("/v1/files/x%2F%2Fy", true)]
    [InlineData("/v1/files/.%2Fy", true)]
    [InlineData("/v1/files/%252525252525252e", true)]
    public void A_path_that_another_server_could_read_differently_is_ambiguous(string path, bool isAmbiguous) =>
        Assert.Equal(isAmbiguous, SentPath.IsAmbiguous(path));

    [Fact]
    public void Dot_segments_are_found_however_they_are_encoded() =>
        Gen.Select(Gen.OneOfConst("a", "b.c", "files"), Gen.OneOfConst("/", "%2F", "%2f", "%5C", "%252F"), Gen.OneOfConst(".", "..", "%2e", ".%2E", "%252e.", "%2e%252E"), Gen.OneOfConst("/", "%2F", "%5c", "%252f"))
            .Sample((before, one, dots, other) => Assert.True(SentPath.IsAmbiguous($"/v1/{before}{one}{dots}{other}x")));
}
