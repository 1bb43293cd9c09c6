using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Cencori.Edge.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    [DbContext(typeof(PostgresEdgeDbContext))]
    [Migration("20261129054616_SeveralCredentials")]
    public class SeveralCredentials : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropPrimaryKey(
                name: "PK_provider_keys",
                table: "provider_keys");

            migrationBuilder.AddColumn<string>(
                name: "Id",
                table: "provider_keys",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<bool>(
                name: "IsEnabled",
                table: "provider_keys",
                type: "boolean",
                nullable: false,
                defaultValue: true);

            migrationBuilder.AddColumn<List<string>>(
                name: "Models",
                table: "provider_keys",
                type: "text[]",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Name",
                table: "provider_keys",
                type: "text",
                nullable: false,
                defaultValue: "default");

            migrationBuilder.AddColumn<int>(
                name: "Rank",
                table: "provider_keys",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "Weight",
                table: "provider_keys",
                type: "integer",
                nullable: false,
                defaultValue: 1);

            migrationBuilder.Sql("""UPDATE "provider_keys" SET "Id" = 'cr_' || replace(gen_random_uuid()::text, '-', '')""");

            // They were for the rows that were there.
            migrationBuilder.Sql(
                """
                ALTER TABLE "provider_keys" ALTER "Id" DROP DEFAULT, ALTER "IsEnabled" DROP DEFAULT, ALTER "Name" DROP DEFAULT, ALTER "Rank" DROP DEFAULT, ALTER "Weight" DROP DEFAULT
                """);

            // See CredentialSeals.
            migrationBuilder.Sql("""INSERT INTO "settings" ("Name", "Value") SELECT 'old_credential_seals', '' WHERE EXISTS (SELECT 1 FROM "provider_keys")""");

            migrationBuilder.AddPrimaryKey(
                name: "PK_provider_keys",
                table: "provider_keys",
                columns: new[] { "ProjectId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_provider_keys_ProjectId_Provider_Environment_Name",
                table: "provider_keys",
                columns: new[] { "ProjectId", "Provider", "Environment", "Name" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("""DELETE FROM "provider_keys" WHERE "Name" <> 'default'""");

            migrationBuilder.DropPrimaryKey(
                name: "PK_provider_keys",
                table: "provider_keys");

            migrationBuilder.DropIndex(
                name: "IX_provider_keys_ProjectId_Provider_Environment_Name",
                table: "provider_keys");

            migrationBuilder.DropColumn(
                name: "Id",
                table: "provider_keys");

            migrationBuilder.DropColumn(
                name: "IsEnabled",
                table: "provider_keys");

            migrationBuilder.DropColumn(
                name: "Models",
                table: "provider_keys");

            migrationBuilder.DropColumn(
                name: "Name",
                table: "provider_keys");

            migrationBuilder.DropColumn(
                name: "Rank",
                table: "provider_keys");

            migrationBuilder.DropColumn(
                name: "Weight",
                table: "provider_keys");

            migrationBuilder.AddPrimaryKey(
                name: "PK_provider_keys",
                table: "provider_keys",
                columns: new[] { "ProjectId", "Provider", "Environment" });
        }
    }
}
