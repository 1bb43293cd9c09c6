using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Cencori.Edge.Dashboard.SignIn;

/// <summary>
/// What the provider says of itself, which everything else begins with. Where it does not answer, one question stands for all who wait, and for a while
/// nobody asks again: the framework would ask anew for each, one after the other.
/// </summary>
internal sealed class OpenIdMetadata(IOptionsMonitor<OpenIdConnectOptions> options, TimeProvider time)
{
    /// <summary>So long it counts as away after it has not answered.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private Task<OpenIdConnectConfiguration>? _reading;
    private long _failed;

    /// <exception cref="Exception">As the framework throws it, of the last question.</exception>
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
            // It keeps what it has read, and renews that by itself.
            return await options.Get(OpenIdHandling.Scheme).ConfigurationManager!.GetConfigurationAsync(CancellationToken.None);
        }
        catch (Exception exception)
        {
            _failed = time.GetTimestamp();
            if (exception is OperationCanceledException)
            {
                // What is cancelled here is the question, and nobody who waits for it.
                throw new HttpRequestException("The provider did not answer in time.", exception);
            }

            throw;
        }
    }
}
