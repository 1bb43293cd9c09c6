namespace Cencori.Edge.Tests.Infrastructure.Network;

/// <summary>A fact that needs nginx; without nginx it is skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NginxFactAttribute : FactAttribute
{
    public NginxFactAttribute() => Skip = Nginx.Program is null ? "nginx is not on the PATH (Debian's package: nginx)." : null;
}
