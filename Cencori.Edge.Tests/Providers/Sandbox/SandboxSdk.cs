using System.ClientModel;
using System.ClientModel.Primitives;
using Cencori.Edge.Providers.Sandbox;
using OpenAI;

namespace Cencori.Edge.Tests.Providers.Sandbox;

/// <summary>The official SDK on top of the sandbox, without retries: a requested failure must be visible.</summary>
internal static class SandboxSdk
{
    public static ApiKeyCredential Key { get; } = new("unused");

    public static OpenAIClientOptions Options()
    {
        var options = new OpenAIClientOptions();
        Prepare(options);
        options.Endpoint = new Uri("http://sandbox.invalid/v1");
        return options;
    }

    public static OpenAIClient Client() => new(Key, Options());

    public static void Prepare(ClientPipelineOptions options)
    {
        options.Transport = new HttpClientPipelineTransport(new HttpClient(new SandboxHandler(TimeProvider.System)));
        options.RetryPolicy = new ClientRetryPolicy(maxRetries: 0);
    }
}
