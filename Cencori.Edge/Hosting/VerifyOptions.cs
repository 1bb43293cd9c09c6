using Cencori.Edge.Admin.SignIn;

namespace Cencori.Edge.Hosting;

/// <summary>What <c>verify</c> is told: its own options, and what it shares with the edge's settings.</summary>
/// <param name="Project">Id, slug or name.</param>
/// <param name="Month">As it was written; null: the present one.</param>
/// <param name="Url">Of the edge.</param>
/// <param name="Token">The administrator's. Never printed.</param>
internal sealed record VerifyOptions(string Project, string? Month, Uri Url, string Token)
{
    // The project that the first start makes.
    private const string DefaultProject = "default";

    private static readonly string[] Settings = ["urls", "http_ports", "environment", "contentRoot"];

    /// <exception cref="NotAskedException">Something is missing or wrong.</exception>
    public static VerifyOptions Parse(string[] arguments)
    {
        var (project, month, url) = (DefaultProject, (string?)null, (string?)null);
        for (var index = 0; index < arguments.Length; index++)
        {
            var parts = arguments[index].Split('=', 2);
            var value = parts.Length == 2 ? parts[1] : ++index < arguments.Length ? arguments[index] : throw new NotAskedException($"{parts[0]} needs a value.");
            switch (parts[0])
            {
                case "--project":
                    project = value;
                    break;
                case "--month":
                    month = value;
                    break;
                case "--url":
                    url = value;
                    break;
                case ['-', '-', .. var name] when name.Contains(':', StringComparison.Ordinal) || Settings.Contains(name, StringComparer.OrdinalIgnoreCase):
                    break;
                default:
                    throw new NotAskedException($"There is no option '{parts[0]}'. There are --project, --month and --url, and settings such as --{AdminToken.Setting}.");
            }
        }

        var settings = EdgeHost.CreateBuilder(arguments).Configuration;
        if (settings[AdminToken.Setting] is not { Length: > 0 } token)
        {
            throw new NotAskedException($"{AdminToken.Setting}: the edge's admin token is needed, as a setting or in the environment as {AdminToken.Setting.Replace(":", "__", StringComparison.Ordinal)}.");
        }

        return new VerifyOptions(project, month, Address(url, settings), token);
    }

    private static Uri Address(string? url, ConfigurationManager settings)
    {
        try
        {
            url ??= AdminListener.Addresses(settings) is [var own, ..] ? HealthProbe.Reachable(own) : null;
            return (url is null ? HealthProbe.Address(settings) : new Uri(url)) is { Scheme: "http" or "https" } address ? address : throw new UriFormatException();
        }
        catch (UriFormatException)
        {
            throw new NotAskedException($"--url: '{url ?? settings["urls"]}' is not an address such as http://localhost:8080.");
        }
    }

    /// <summary>Without the token.</summary>
    public override string ToString() => nameof(VerifyOptions);
}

/// <summary>Why the edge cannot be asked, in one line.</summary>
internal sealed class NotAskedException(string message) : Exception(message);
