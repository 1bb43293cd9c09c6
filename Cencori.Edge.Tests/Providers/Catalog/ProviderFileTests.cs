using System.Diagnostics.Metrics;
using Cencori.Edge.Egress;
using Cencori.Edge.Files;
using Cencori.Edge.Providers;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Tests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Yarp.ReverseProxy;

namespace Cencori.Edge.Tests.Providers.Catalog;

/// <summary>How a change of yarp.json affects the providers of a running edge. YARP traps 35 and 36.</summary>
public sealed class ProviderFileTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("yarp-").FullName;
    private readonly LogRecorder _logs = new();

    // A poll compares the file's time of change with this clock, so the clock starts at the real time.
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private WebApplication _app = null!;
    private MetricCollector<long> _reloads = null!;

    private string Path => System.IO.Path.Combine(_directory, ProviderFile.FileName);

    private ProviderCatalog Catalog => _app.Services.GetRequiredService<ProviderCatalog>();

    private IProxyStateLookup Proxy => _app.Services.GetRequiredService<IProxyStateLookup>();

    public async Task InitializeAsync()
    {
        await WriteAsync();
        var file = ProviderFile.At(Path, _clock);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(_logs);
        builder.Configuration.Sources.Insert(0, file);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddAuthorizationBuilder().AddPolicy("nobody", policy => policy.RequireAssertion(_ => false));
        builder.Services.AddEgress(builder.Configuration);
        builder.Services.AddProviders(builder.Configuration, file);
        _app = builder.Build();
        _reloads = new MetricCollector<long>(_app.Services.GetRequiredService<IMeterFactory>(), "Cencori.Edge", ReloadMonitor.CounterName);
        _app.MapReverseProxy();
        Assert.Equal("/v1", Catalog.Find("one")!.PathBase);
    }

    public async ValueTask DisposeAsync()
    {
        _reloads.Dispose();
        await _app.DisposeAsync();
        _logs.Dispose();
        RunDirectory.Delete(_directory);
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    [Fact]
    public async Task Each_setting_of_a_provider_is_reloaded()
    {
        await WriteAsync("http://elsewhere.example:81", "x-api-key", "/other/v2", "new-model new-*", ", \"HttpRequest\": { \"ActivityTimeout\": \"00:01:30\" }");
        await OutcomesAsync("applied", "applied");

        var provider = Catalog.Find("one")!;
        Assert.Equal((CredentialScheme.XApiKey, "/other/v2", TimeSpan.FromSeconds(90)), (provider.CredentialScheme, provider.PathBase, provider.ActivityTimeout));
        Assert.Equal(["new-model", "new-*"], provider.Models);
        Assert.Equal("one", Assert.Single(Catalog.Models.Find("new-thing")).Id);
        Assert.Empty(Catalog.Models.Find("model-1"));
        Assert.True(Proxy.TryGetCluster("one", out var cluster));
        Assert.Equal("http://elsewhere.example:81", Assert.Single(cluster.Destinations).Value.Model.Config.Address);
        Assert.True(cluster.Model.Config.HttpRequest!.ActivityTimeout > TimeSpan.FromSeconds(90));
    }

    [Theory]
    [InlineData("{ \"ReverseProxy\": ")]
    [InlineData("")]
    [InlineData("""{ "ReverseProxy": { "Clusters": { "one": { "HttpRequest": { "ActivityTimeout": "soon" } } } } }""")]
    [InlineData("""{ "ReverseProxy": { "Clusters": { "one": { "Metadata": { "Credential": "Cookie" }, "Destinations": { "default": { "Address": "http://x" } } } } } }""")]
    [InlineData("""{ "ReverseProxy": { "Clusters": { "one": { "Metadata": { "Credential": "None" }, "Destinations": { "default": { "Address": "x" } } } } } }""")]
    [InlineData("""{ "ReverseProxy": { "Clusters": { "one": { "Metadata": { "Credential": "None", "StreamUsage": "no" }, "Destinations": { "default": { "Address": "http://x" } } } } } }""")]
    [InlineData("""{ "ReverseProxy": { "Routes": { "r": { "Match": { "Path": "/x" } } } } }""")]
    [InlineData(null)]
    public async Task An_invalid_change_is_rejected_and_logged_and_the_next_valid_one_applies(string? content)
    {
        await (content is null ? DeleteAsync() : ReplaceAsync(content));
        await OutcomesAsync("applied", "refused");

        Assert.Equal(("/v1", CredentialScheme.Bearer), (Catalog.Find("one")!.PathBase, Catalog.Find("one")!.CredentialScheme));
        Assert.True(Proxy.TryGetRoute("provider/one", out _));

        await WriteAsync(pathBase: "/mended");
        await OutcomesAsync("applied", "refused", "applied");
        Assert.Equal("/mended", Catalog.Find("one")!.PathBase);
        Assert.Single(_logs.Lines, line => line is { Level: LogLevel.Error, EventName: "ConfigurationRefused" });
    }

    [Theory]
    [InlineData("\"provider/one\"", "\"provider/two\"", "Cluster 'one' is not a provider: it has no route 'provider/one'")]
    [InlineData("\"ClusterId\": \"one\"", "\"ClusterId\": \"oen\"", "Route 'provider/one' leads to the cluster 'oen', which does not exist. Did you mean 'one'?")]
    [InlineData("\"Models\"", "\"Modles\"", "Cluster 'one': Metadata:Modles: there is no such key. Did you mean 'Models'?")]
    [InlineData("\"Destinations\"", "\"Destination\"", "ReverseProxy:Clusters:one:Destination: there is no such setting. Did you mean 'Destinations'?")]
    [InlineData("\"Clusters\"", "\"Cluster\"", "ReverseProxy:Cluster: there is no such setting. Did you mean 'Clusters'?")]
    [InlineData("\"ReverseProxy\"", "\"ReversProxy\"", "The file has no section ReverseProxy, so there are no providers. Did you mean 'ReverseProxy'?")]
    [InlineData("{ \"default\": { \"Address\": \"http://one.example\" } }", "{ }", "Cluster 'one' has no Destinations.")]
    [InlineData("\"PathBase\"", "\"Credential\"", "ReverseProxy:Clusters:one:Metadata:Credential")]
    [InlineData("\"Metadata\": {", "\"Metadata\": ", "Line 7 is not JSON.")]
    public async Task A_mistake_is_reported_in_one_line_with_its_place(string right, string wrong, string reported)
    {
        var good = await File.ReadAllTextAsync(Path);
        await ReplaceAsync(good.Replace(right, wrong, StringComparison.Ordinal));
        await OutcomesAsync("applied", "refused");

        Assert.Contains(reported, Assert.Single(_logs.Lines, line => line.EventName == "ConfigurationRefused").Text, StringComparison.Ordinal);
        Assert.Contains(reported, _app.Services.GetRequiredService<ReloadMonitor>().Fault, StringComparison.Ordinal);
        await ReplaceAsync(good);
        await OutcomesAsync("applied", "refused", "applied");
        Assert.Null(_app.Services.GetRequiredService<ReloadMonitor>().Fault);
    }

    private async Task OutcomesAsync(params string[] outcomes)
    {
        // A change is active after the second poll that sees it.
        _clock.Advance(2 * FollowedFile.PollInterval);
        await _reloads.WaitForMeasurementsAsync(outcomes.Length, Eventually.Timeout);
        Assert.Equal(outcomes, _reloads.GetMeasurementSnapshot().Select(measurement => (string?)measurement.Tags["outcome"]));
    }

    private Task WriteAsync(string address = "http://one.example", string credential = "Bearer", string pathBase = "/v1", string models = "model-1", string more = "") => ReplaceAsync($$"""
        {
          "ReverseProxy": {
            "Routes": { "provider/one": { "Match": { "Path": "/.provider/one/{**path}" }, "AuthorizationPolicy": "nobody", "ClusterId": "one" } },
            "Clusters": {
              "one": {
                "Destinations": { "default": { "Address": "{{address}}" } },
                "Metadata": { "Credential": "{{credential}}", "PathBase": "{{pathBase}}", "Models": "{{models}}" }{{more}}
              }
            }
          }
        }
        """);

    // In one step, so that no partial file is read.
    private async Task ReplaceAsync(string content)
    {
        var draft = Path + ".draft";
        await File.WriteAllTextAsync(draft, content);
        File.Move(draft, Path, overwrite: true);
    }

    private Task DeleteAsync()
    {
        File.Delete(Path);
        return Task.CompletedTask;
    }
}
