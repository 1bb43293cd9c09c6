using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Storage;
using Microsoft.AspNetCore.DataProtection;

namespace Cencori.Edge.Hosting;

/// <summary>What makes the host an edge before any feature is added.</summary>
public static class EdgeHost
{
    internal const string DefaultUrl = "http://localhost:8080";

    /// <summary>
    /// Settings files are read once. The framework would watch the working directory, with everything below it, for changes of them:
    /// the database is there, and each of its writes would wake the watcher.
    /// </summary>
    public static WebApplicationBuilder CreateBuilder(string[] args) =>
        WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false", .. args]);

    public static void UseEdgeDefaults(this WebApplicationBuilder builder, out ProviderFile providers)
    {
        providers = ProviderFile.Locate(TimeProvider.System);

        // First, so that settings files, the environment and the command line override it.
        builder.Configuration.Sources.Insert(0, providers);
        KnownSettings.RefuseUnknown(builder.Configuration);
        ProviderFile.RefuseWrongOverrides(builder.Configuration);
        UseAddresses(builder);

        // What a socket has received is read where the runtime reports it, on a thread of the pool, instead of being handed to
        // another one. "Unsafe" is that where the runtime's own event loop runs such continuations, which it does by request only.
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);

        // YARP's session affinity brings data protection, which would write keys to the home directory. Nothing uses it.
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();

        // A line per request from each layer would cost more than the edge does; requests are recorded, not logged.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);

        // It warns of each page with a form that nobody may keep it, which they say themselves, and of each cookie that it cannot read, which anybody can
        // send. What matters of a form is told by FormCheck.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.None);

        // While this category can log anything, the host makes an Activity and a log scope for each request, and the
        // HTTP client below it another. With tracing switched on they are made all the same.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Warning);
        builder.Logging.AddFilter("Yarp", LogLevel.Warning);

        // It warns that its keys are stored as they are. The ring seals them itself: see Dashboard/Sessions/KeyRing.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);

        // While the database is away it would tell so for each page; whoever asks for one is told, and the log by others, and how often.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.KeyRingProvider", LogLevel.None);

        // What of these is a provider's doing is told by ProviderLog, and how often it may be; what is a caller's doing, by nobody.
        builder.Logging.AddFilter("Yarp.ReverseProxy.Forwarder", LogLevel.None);
        builder.Logging.AddFilter("Yarp.ReverseProxy.LoadBalancing", LogLevel.None);

        // A command that fails throws as well, and whoever catches that says what it means.
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore.Database", LogLevel.Critical);
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore.Update", LogLevel.Critical);

        // What stops a start is told once, in one line, by whoever catches it.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
    }

    private static void UseAddresses(WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        ListenAddress.RefuseWrong("Urls", Split(configuration["urls"]));
        ListenAddress.RefuseWrong(AdminListener.Setting, Split(configuration[AdminListener.Setting]));
        foreach (var endpoint in configuration.GetSection("Kestrel:Endpoints").GetChildren().Where(endpoint => endpoint["Url"] is not null))
        {
            ListenAddress.RefuseWrong($"{endpoint.Path}:Url", [endpoint["Url"]!]);
        }

        string[] configured = string.IsNullOrEmpty(configuration["urls"])
            ? [.. OfPorts("http", configuration["http_ports"]), .. OfPorts("https", configuration["https_ports"])]
            : Split(configuration["urls"]);
        string[] addresses = configured.Length > 0 ? configured : [DefaultUrl];
        AdminListener.RefuseWrongSettings(configuration, addresses);
        if (AdminListener.Addresses(configuration) is { Count: > 0 } own)
        {
            builder.WebHost.UseUrls([.. addresses, .. own]);
        }
        else if (configured.Length == 0)
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }
    }

    private static IEnumerable<string> OfPorts(string scheme, string? ports) => Split(ports).Select(port =>
        ListenAddress.IsPort(port) ? $"{scheme}://*:{port}" : throw new StartupException($"{scheme}_ports: '{port}' is not a port, a number from 0 to 65535."));

    internal static string[] Split(string? addresses) => (addresses ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
