using System.Net.Sockets;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Storage.Startup;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Hosting;

/// <summary>Explains startup failures that the operator can fix, each in one line.</summary>
public static class StartupFailure
{
    private const string Unreadable = "Failed to convert configuration value '";

    /// <summary>Returns the line for standard error. Null: the exception is a bug of the edge, so its stack trace is needed.</summary>
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

    // The framework's message begins with the value, which may be secret, and ends with: at '<setting>' to type '<type>'.
    private static string ExplainUnreadable(string message) => message.Split('\'') is [.., var setting, _, var type, _]
        ? $"{setting}: the value is {DescribeMismatch(type)}."
        : "A setting has a value of the wrong type.";

    // Says how a value differs from the values that a .NET type allows.
    private static string DescribeMismatch(string type) => type.Split('.')[^1] switch
    {
        nameof(Boolean) => "neither true nor false",
        nameof(Int32) or nameof(Int64) => "not a whole number, or too large for one",
        nameof(Double) or nameof(Decimal) => "not a number such as 0.5",
        nameof(TimeSpan) => "not a time such as 00:00:05",
        var name => $"not a {name}",
    };
}
