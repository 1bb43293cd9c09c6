using System.Net.Sockets;
using Cencori.Edge.Providers;
using Cencori.Edge.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace Cencori.Edge;

/// <summary>What makes the host an edge before any feature is added.</summary>
public static class EdgeHost
{
    private const string DefaultUrl = "http://localhost:8080";

    private const string Alias = "/api/v1";

    /// <summary>How long a stopping edge waits for its open streams.</summary>
    public static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(120);

    public static void UseEdgeDefaults(this WebApplicationBuilder builder, out ProviderFile providers)
    {
        providers = ProviderFile.Locate(TimeProvider.System);

        // First, so that settings files, the environment and the command line override it.
        builder.Configuration.Sources.Insert(0, providers);
        ProviderFile.RefuseWrongOverrides(builder.Configuration);
        RefuseWrongUrls(builder.Configuration["urls"]);

        if (string.IsNullOrEmpty(builder.Configuration["urls"]) && string.IsNullOrEmpty(builder.Configuration["http_ports"]))
        {
            builder.WebHost.UseUrls(DefaultUrl);
        }

        // Streams that have begun run on; whatever stops the edge must wait as long.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = DrainTime);

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

    /// <summary><c>/api/v1/*</c> is <c>/v1/*</c> by another name; below this line only one of them exists.</summary>
    public static void UseV1Alias(this WebApplication app) => app.Use((context, next) =>
    {
        if (context.Request.Path.StartsWithSegments(Alias, out var rest))
        {
            context.Request.Path = new PathString("/v1").Add(rest);
        }

        return next(context);
    });

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

/// <summary>Failures to start that the operator can mend, in one line each.</summary>
public static class StartupFailure
{
    private const string Unreadable = "Failed to convert configuration value '";

    /// <summary>The line for standard error; null for a failure that is ours, which deserves its stack trace.</summary>
    public static string? Explain(Exception exception) => exception switch
    {
        StartupException => exception.Message,
        OptionsValidationException invalid => string.Join(' ', invalid.Failures),
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } or SocketException => $"Urls: {exception.Message}",
        InvalidOperationException when exception.Message.StartsWith(Unreadable, StringComparison.Ordinal) => ExplainUnreadable(exception.Message),
        InvalidOperationException { InnerException: AggregateException problems } when exception.Message.Contains("proxy configuration", StringComparison.Ordinal) =>
            $"{ProviderFile.FileName}: {string.Join(' ', problems.Flatten().InnerExceptions.Select(problem => (problem.InnerException ?? problem).Message))}",
        { InnerException: StartupException inner } => inner.Message,
        _ => null,
    };

    // The framework's sentence ends in: at '<setting>' to type '<type>'. It begins with the value, which may be secret.
    private static string ExplainUnreadable(string message) => message.Split('\'') is [.., var setting, _, var type, _]
        ? $"{setting}: the value is not a {type}."
        : "A setting has a value of the wrong type.";
}
