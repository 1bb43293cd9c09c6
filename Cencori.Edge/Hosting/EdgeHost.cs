using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Storage.Startup;
using Microsoft.AspNetCore.DataProtection;

namespace Cencori.Edge.Hosting;

/// <summary>Creates the host's builder and its basic settings: configuration, logging, and listen addresses.</summary>
public static class EdgeHost
{
    internal const string DefaultUrl = "http://localhost:8080";

    /// <summary>
    /// Creates a builder that reads settings files once. By default the framework watches the whole working directory for changes.
    /// The database is in that directory, and each write to the database would wake the watcher.
    /// </summary>
    public static WebApplicationBuilder CreateBuilder(string[] args) =>
        WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false", .. args]);

    public static void UseEdgeDefaults(this WebApplicationBuilder builder, out ProviderFile providers)
    {
        providers = ProviderFile.Locate(TimeProvider.System);

        // First in the list, so that settings files, the environment and the command line override yarp.json.
        builder.Configuration.Sources.Insert(0, providers);
        KnownSettings.RefuseUnknown(builder.Configuration);
        ProviderFile.RefuseWrongOverrides(builder.Configuration);
        UseAddresses(builder);

        // Runs socket continuations on the pool thread on which the runtime reports the data, without a switch to another thread.
        // This is "unsafe" only when the runtime is configured to run continuations on its event loop.
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);

        // YARP's session affinity adds data protection, which would write keys to the home directory. The edge does not use those keys.
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();

        // ASP.NET Core would log several lines per request, which would cost more than the edge's own work. Requests are recorded, not logged.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);

        // Antiforgery warns about each form page that sets its own cache headers, and about each unreadable cookie, which anybody
        // can send. FormCheck reports the errors that matter.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.None);

        // While this category is enabled, the host creates an Activity and a log scope per request, and HttpClient creates another
        // Activity. When tracing is on, both Activities are still created.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Warning);
        builder.Logging.AddFilter("Yarp", LogLevel.Warning);

        // Data protection warns that its keys are stored in plain text. The key ring seals them itself: see Dashboard/Sessions/KeyRing.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);

        // While the database is down, this category would log once per page. The page shows the error, and other code logs the error at a limited rate.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.KeyRingProvider", LogLevel.None);

        // ProviderLog reports provider failures from these categories at a limited rate. Faults of callers are not logged.
        builder.Logging.AddFilter("Yarp.ReverseProxy.Forwarder", LogLevel.None);
        builder.Logging.AddFilter("Yarp.ReverseProxy.LoadBalancing", LogLevel.None);

        // A failed command also throws. The code that catches the exception reports the failure.
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore.Database", LogLevel.Critical);
        builder.Logging.AddFilter("Microsoft.EntityFrameworkCore.Update", LogLevel.Critical);

        // The code that catches a startup failure prints that failure once, in one line.
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
        ListenAddress.IsPort(port) ? $"{scheme}://*:{port}" : throw new StartupException($"{scheme}_ports: '{port}' must be a port number from 0 to 65535."));

    internal static string[] Split(string? addresses) => (addresses ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
