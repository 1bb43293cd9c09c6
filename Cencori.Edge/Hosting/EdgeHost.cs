using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Storage;
using Microsoft.AspNetCore.DataProtection;

namespace Cencori.Edge.Hosting;

/// <summary>What makes the host an edge before any feature is added.</summary>
public static class EdgeHost
{
    private const string DefaultUrl = "http://localhost:8080";

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
        RefuseWrongUrls(builder.Configuration["urls"]);

        if (string.IsNullOrEmpty(builder.Configuration["urls"]) && string.IsNullOrEmpty(builder.Configuration["http_ports"]))
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        // What a socket has received is read where the runtime reports it, on a thread of the pool, instead of being handed to
        // another one. "Unsafe" is that where the runtime's own event loop runs such continuations, which it does by request only.
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);

        // YARP's session affinity brings data protection, which would write keys to the home directory. Nothing uses it.
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();

        // A line per request from each layer would cost more than the edge does; requests are recorded, not logged.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);

        // While this category can log anything, the host makes an Activity and a log scope for each request, and the
        // HTTP client below it another. With tracing switched on they are made all the same.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Warning);
        builder.Logging.AddFilter("Yarp", LogLevel.Warning);

        // A command that fails throws as well, and whoever catches that says what it means.
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore.Database", LogLevel.Critical);

        // What stops a start is told once, in one line, by whoever catches it.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
    }

    private static void RefuseWrongUrls(string? urls)
    {
        foreach (var url in (urls ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                BindingAddress.Parse(url);
            }
            catch (FormatException exception)
            {
                throw new StartupException($"Urls: '{url}' is not an address such as {DefaultUrl}.", exception);
            }
        }
    }
}
