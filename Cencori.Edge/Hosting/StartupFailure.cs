using System.Net.Sockets;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Storage;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Hosting;

/// <summary>Startup failures that the operator can fix, in one line each.</summary>
public static class StartupFailure
{
    private const string Unreadable = "Failed to convert configuration value '";

    /// <summary>The line for standard error. Null for a bug of the edge, which needs its stack trace.</summary>
    public static string? Explain(Exception exception) => exception switch
    {
        StartupException => exception.Message,
        OptionsValidationException invalid => string.Join(' ', invalid.Failures),
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } or SocketException => $"Urls: {exception.Message}",
        InvalidOperationException when exception.Message.StartsWith(Unreadable, StringComparison.Ordinal) => ExplainUnreadable(exception.Message),
        InvalidOperationException { InnerException: AggregateException problems } when exception.Message.Contains("proxy configuration", StringComparison.Ordinal) =>
            $"{ProviderFile.FileName}: {ProviderFaultException.Explain(problems)}",
        { InnerException: StartupException inner } => inner.Message,
        _ => null,
    };

    // The framework's message ends with: at '<setting>' to type '<type>'. It begins with the value, which may be secret.
    private static string ExplainUnreadable(string message) => message.Split('\'') is [.., var setting, _, var type, _]
        ? $"{setting}: the value is {Missed(type)}."
        : "A setting has a value of the wrong type.";

    // Describes the expected value by the framework's type name.
    private static string Missed(string type) => type.Split('.')[^1] switch
    {
        nameof(Boolean) => "neither true nor false",
        nameof(Int32) or nameof(Int64) => "not a whole number, or too large for one",
        nameof(Double) or nameof(Decimal) => "not a number such as 0.5",
        nameof(TimeSpan) => "not a time such as 00:00:05",
        var name => $"not a {name}",
    };
}
