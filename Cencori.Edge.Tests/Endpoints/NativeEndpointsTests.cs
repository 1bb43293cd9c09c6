using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Tests.Endpoints;

public class NativeEndpointsTests
{
    [Theory]
    [InlineData("/api/ai/chat", "/v1/chat/completions")]
    [InlineData("/api/ai/completions", "/v1/completions")]
    [InlineData("/api/ai/embeddings", "/v1/embeddings")]
    [InlineData("/api/ai/images/generate", "/v1/images/generations")]
    [InlineData("/api/ai/moderation", "/v1/moderations")]
    [InlineData("/api/ai/audio/speech", "/v1/audio/speech")]
    [InlineData("/api/ai/audio/transcriptions", "/v1/audio/transcriptions")]
    public void Each_native_endpoint_has_the_settings_of_its_v1_path(string path, string below)
    {
        var row = EndpointTable.Find("POST", path, out _, out _);
        var other = EndpointTable.Find("POST", below, out var rest, out _);

        Assert.Equal((rest, $"POST {path}", ErrorDialect.Flat), (row.ProviderPath!.Value, row.Name, row.Errors));
        Assert.Equal(
            (other.Operation, other.Policy, other.HasOutput, other.IsMetered, other.Events, other.NeedsMessages, other.System),
            (row.Operation, row.Policy, row.HasOutput, row.IsMetered, row.Events, row.NeedsMessages, row.System));
        Assert.Equal(row.Operation, EndpointTable.OperationOf(row.Name));
        Assert.Equal(row, EndpointTable.Find("post", path.ToUpperInvariant() + "/", out _, out _));
        Assert.Contains(path, EndpointTable.NativePaths);
    }

    [Theory]
    [InlineData("GET", "/api/ai/chat", false, "POST")]
    [InlineData("HEAD", "/api/ai/audio/speech", false, "POST, GET")]
    [InlineData("POST", "/api/ai/chat/more", true, null)]
    [InlineData("POST", "/api/ai", true, null)]
    [InlineData("POST", "/api/aichat", true, null)]
    public void An_unknown_native_path_is_not_forwarded(string method, string path, bool isToCome, string? allowed)
    {
        var row = EndpointTable.Find(method, path, out _, out _);

        Assert.Equal(("/api/*", ErrorDialect.Flat, false, isToCome, allowed), (row.Name, row.Errors, row.IsNative, row.IsUnimplemented, row.AllowedMethods));
    }
}
