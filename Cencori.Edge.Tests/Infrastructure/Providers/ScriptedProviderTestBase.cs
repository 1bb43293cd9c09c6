using System.Text;

namespace Cencori.Edge.Tests.Infrastructure.Providers;

/// <summary>A new provider and client for each test.</summary>
public abstract class ScriptedProviderTestBase : IAsyncLifetime, IAsyncDisposable
{
    protected static readonly TimeSpan Limit = Eventually.Timeout;

    protected ScriptedProviderTestBase() =>
        Client = new HttpClient(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero }) { BaseAddress = Provider.Address, Timeout = Limit };

    protected ScriptedProvider Provider { get; } = new();

    protected HttpClient Client { get; }

    public Task InitializeAsync() => Task.CompletedTask;

    // xUnit calls only its own interface. The code analyzer requires the interface of .NET.
    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Client.Dispose();
        await Provider.DisposeAsync();
    }

    protected static async Task<string> ReadOnceAsync(Stream stream)
    {
        var buffer = new byte[1024];
        return Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer));
    }
}
