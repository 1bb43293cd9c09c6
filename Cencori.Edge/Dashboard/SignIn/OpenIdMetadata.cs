using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Cencori.Edge.Dashboard.SignIn;

/// <summary>
/// Reads the OpenID provider's metadata, which every sign-in needs. All waiting sign-ins share one request. After a failure, no request is sent for <see cref="Pause"/>.
/// Without this class, the framework would send one request per sign-in, one after the other.
/// </summary>
internal sealed class OpenIdMetadata(IOptionsMonitor<OpenIdConnectOptions> options, TimeProvider time)
{
    /// <summary>How long the provider counts as unavailable after a failure.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private Task<OpenIdConnectConfiguration>? _reading;
    private long _failed;

    /// <exception cref="Exception">The metadata could not be read, now or within the last <see cref="Pause"/>.</exception>
    public Task<OpenIdConnectConfiguration> GetAsync(CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_reading is null or { IsCompletedSuccessfully: true } || (_reading.IsFaulted && time.GetElapsedTime(_failed) >= Pause))
            {
                _reading = ReadAsync();
            }

            return _reading.WaitAsync(cancellation);
        }
    }

    private async Task<OpenIdConnectConfiguration> ReadAsync()
    {
        try
        {
            // The framework's configuration manager caches the metadata and refreshes them automatically.
            return await options.Get(OpenIdHandling.Scheme).ConfigurationManager!.GetConfigurationAsync(CancellationToken.None);
        }
        catch (Exception exception)
        {
            _failed = time.GetTimestamp();
            if (exception is OperationCanceledException)
            {
                // The shared request to the provider has timed out. The wait of this sign-in was not cancelled.
                throw new HttpRequestException("The provider did not respond in time.", exception);
            }

            throw;
        }
    }
}
