namespace Cencori.Edge.Verification;

public static class VerificationServices
{
    public static IServiceCollection AddVerification(this IServiceCollection services) => services.AddSingleton<LedgerCheck>();
}
