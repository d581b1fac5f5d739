"""Another default in Python; the database has none, so there is nothing to alter."""

from django.db import migrations

import core.fields


class Migration(migrations.Migration):
    dependencies = [("sites", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="siteuserdata",
                    name="seeding_info",
                    field=core.fields.JSONColumn(
                        blank=True,
                        default=list,
                        help_text="Seeders and bytes of each torrent.",
                        null=True,
                        verbose_name="seeding details",
                    ),
                )
            ]
        )
    ]
