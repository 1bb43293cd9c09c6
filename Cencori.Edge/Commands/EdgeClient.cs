using System.Net;
using System.Text.Json;
using Cencori.Edge.Admin.SignIn;
using Cencori.Edge.Hosting;

namespace Cencori.Edge.Commands;

/// <summary>Client of a running edge's administration API, for commands. Sends the admin token and never prints it.</summary>
internal sealed class EdgeClient : IDisposable
{
    public const string Url = "--url";
    public const string Server = "--server";

    /// <summary>Ignores unknown members and accepts missing ones, because the edge may have another version.</summary>
    public static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly HttpClient _client;
    private readonly string _option;

    /// <param name="arguments">The arguments of the command. They contain the settings, and the address of the edge if the user has given it.</param>
    /// <param name="option">The name of the command's option for the address, such as <c>--url</c>.</param>
    /// <param name="timeout">Timeout of one request.</param>
    /// <exception cref="CommandException">The admin token is missing, or the address is invalid.</exception>
    public EdgeClient(CommandArguments arguments, string option, TimeSpan timeout)
    {
        _option = option;
        var settings = arguments.Configuration;
        if (settings[AdminToken.Setting] is not { Length: > 0 } token)
        {
            throw new CommandException($"{AdminToken.Setting}: the edge's admin token is needed, as a setting or in the environment as {AdminToken.Setting.Replace(":", "__", StringComparison.Ordinal)}.");
        }

        // Redirects are not followed: a redirect could lead to another server, and that server must not receive the request.
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = Address(option, arguments[option], settings), Timeout = timeout };
        _client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {token}");
    }

    /// <exception cref="CommandException">The edge does not respond, or its response cannot be read.</exception>
    public Task<T> GetAsync<T>(string path, Func<JsonElement, T> read) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path), response => Read(response, read));

    /// <summary>Returns the result of <paramref name="read"/>, also for an error status. Throws if the edge rejects the admin token (401 or 403).</summary>
    /// <exception cref="CommandException">The edge does not respond, or its response cannot be read.</exception>
    public async Task<T> SendAsync<T>(HttpRequestMessage request, Func<(HttpStatusCode Status, string Text), T> read)
    {
        try
        {
            using var response = await _client.SendAsync(request);
            return response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
                ? throw new CommandException($"{AdminToken.Setting}: the edge at {_client.BaseAddress} rejects this token.")
                : read((response.StatusCode, await response.Content.ReadAsStringAsync()));
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            throw new CommandException($"{_option}: the edge at {_client.BaseAddress} does not respond: {exception.Message}");
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new CommandException($"{_option}: the server at {_client.BaseAddress} is not an edge that supports this command.");
        }
    }

    /// <summary>Reads the JSON of a response. An error response becomes a <see cref="CommandException"/> with the edge's message.</summary>
    public static T Read<T>((HttpStatusCode Status, string Text) response, Func<JsonElement, T> read)
    {
        using var body = JsonDocument.Parse(response.Text);
        return (int)response.Status < 300 ? read(body.RootElement)
            : throw new CommandException(body.RootElement.GetProperty("message").GetString() ?? $"The edge responds with the status {(int)response.Status}.");
    }

    public void Dispose() => _client.Dispose();

    private static Uri Address(string option, string? url, IConfiguration settings)
    {
        try
        {
            url ??= AdminListener.Addresses(settings) is [var own, ..] ? HealthProbe.Reachable(own) : null;
            return (url is null ? HealthProbe.Address(settings) : new Uri(url)) is { Scheme: "http" or "https" } address ? address : throw new UriFormatException();
        }
        catch (UriFormatException)
        {
            throw new CommandException($"{option}: '{url ?? settings["urls"]}' is not an address such as http://localhost:8080.");
        }
    }
}
